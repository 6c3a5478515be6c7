import { type Piece, piecesBetween } from '../csv/pieces.js'
import { type CleanPart, RecordClassifier } from '../csv/record-classifier.js'
import { tooLong } from '../csv/record-result.js'
import { recordsOf, tooLongRecord } from '../csv/records.js'
import type { Mapping } from '../mapping/columns.js'
import type { SourcePlan } from '../ranges/load-plan.js'
import { isPartial, type Range } from '../ranges/range.js'
import { ExactReader } from '../source/exact-reader.js'
import { BlockReader, openReader, type RangeReader } from '../source/reader.js'
import { ColumnProfile, type ColumnReport } from './column.js'
import { FieldReader } from './fields.js'
import { KeyCheck } from './key.js'
import { KeyCandidates } from './key-candidates.js'
import { RejectTally } from './rejects.js'

/** Bytes of a piece: so many are read record by record if one of them is bad. */
const PIECE = 16 * 1024

/** A source that is being read. */
interface Surveyed {
  readonly plan: SourcePlan
  readonly classifier: RecordClassifier
  readonly fields: FieldReader
  /** The index of each column's field in a record. */
  readonly fieldOf: readonly number[]
  /** Undefined if ranges contain their text. */
  readonly reader: RangeReader | undefined
  recordEnds: number
}

interface Profiled {
  /** The column's index in the header. */
  readonly number: number
  readonly profile: ColumnProfile
}

/** Collects statistics of all records of the sources, in order and in bounded memory. */
export class Survey implements Disposable {
  readonly rejects = new RejectTally()
  readonly key: KeyCheck | undefined
  readonly #sources: readonly Surveyed[]
  readonly #columns: readonly Profiled[]
  readonly #candidates: KeyCandidates
  /** The lines of all sources before each one, so that a line of any source is one number. */
  readonly #linesBefore: number[] = [0]
  #records = 0

  /** @param mapping to a table that does not exist; without a key if none is checked */
  constructor(plans: readonly SourcePlan[], mapping: Mapping, header: readonly string[]) {
    this.#columns = mapping.columns
      .filter(({ kind }) => kind === 'field')
      .map(({ source, key }) => ({ number: header.indexOf(source), profile: new ColumnProfile(source, key) }))
    this.#candidates = new KeyCandidates(this.#columns.map(({ profile }) => profile.report.name))
    this.key = mapping.key.length > 0 ? new KeyCheck(mapping, header) : undefined
    this.#sources = plans.map((plan, source) => ({
      plan,
      classifier: new RecordClassifier(plan, source),
      fields: new FieldReader(plan.dialect, plan.columns),
      fieldOf: header.map((_, column) => plan.staged.indexOf(column + 1)),
      reader: plan.location && openReader(plan.location),
      recordEnds: 0,
    }))
  }

  /** Data records, including those that would be rejected. */
  get records(): number {
    return this.#records
  }

  /** The columns that could be the key. */
  get keyCandidates(): string[] {
    return this.#candidates.names
  }

  /** Notes on columns that stay text because of how they are written. */
  get notes(): string[] {
    return this.#columns.flatMap(({ profile }) => profile.note ?? [])
  }

  get columns(): ColumnReport[] {
    return this.#columns.map(({ profile }) => profile.report)
  }

  /** The kinds of record ends in a source, as in `Scanned`. */
  recordEndsOf(source: number): number {
    return this.#sources[source]?.recordEnds ?? 0
  }

  /** Finds a line that is counted over all sources. */
  locate(countedLine: number): { source: number; line: number } {
    const source = this.#linesBefore.findLastIndex((lines) => lines < countedLine)
    return { source, line: countedLine - (this.#linesBefore[source] as number) }
  }

  take(range: Range): void {
    const { source, start, end, line, nextLine, block } = range
    const surveyed = this.#sources[source] as Surveyed
    const { plan, classifier, reader } = surveyed
    this.#countLines(source, nextLine)
    if (isPartial(range)) {
      this.#rejectTooLong(range, plan)
      return
    }
    const exact = new ExactReader(block ? new BlockReader(block, start) : (reader as RangeReader), plan.name)
    const options = { ...plan, read: exact.read, size: PIECE }
    for (const piece of piecesBetween({ offset: start, line }, end, options)) {
      surveyed.recordEnds |= piece.recordEnds
      for (const part of classifier.sort(piece, 0)) this.#examine(source, part)
      for (const reject of classifier.takeRejects()) {
        this.#records += 1
        this.rejects.add(source, reject.reason, reject.byte, () => reject)
        this.rejects.keep(source, reject)
      }
    }
  }

  [Symbol.dispose](): void {
    this.key?.close()
    for (const { reader } of this.#sources) reader?.close()
  }

  /** A source without records has no range, so a range may be the first of a later source. */
  #countLines(source: number, nextLine: number): void {
    const lines = this.#linesBefore
    while (lines.length <= source) lines.push(lines.at(-1) as number)
    lines[source + 1] = (lines[source] as number) + nextLine
  }

  #examine(source: number, part: CleanPart): void {
    const { fields, fieldOf } = this.#sources[source] as Surveyed
    const { text, records, from } = part
    const { key } = this
    const linesBefore = this.#linesBefore[source] as number
    fields.line = 'start' in from ? from.start.line : from.line
    let at = 0
    for (let index = 0; index < records; index += 1) {
      const line = fields.line
      at = fields.read(text, at)
      const fault = key?.fault(fields, fieldOf)
      if (fault !== undefined) {
        this.#rejectKey(source, fault, part, index)
        continue
      }
      key?.add(fields, fieldOf, linesBefore + line)
      this.#candidates.add((index) => {
        const field = fieldOf[this.#columns[index]?.number ?? 0] as number
        return fields.isNull(field) ? undefined : fields.text(field)
      })
      for (const { number, profile } of this.#columns) {
        const field = fieldOf[number] as number
        if (fields.isNull(field)) profile.addNull()
        else profile.add(fields.text(field))
      }
    }
    this.#records += records
  }

  #rejectKey(source: number, reason: string, { from }: CleanPart, index: number): void {
    if ('start' in from) {
      this.rejects.add(source, reason, from.start.offset, () => this.#find(source, from, index))
    } else {
      this.rejects.add(source, reason, from.byte, () => from)
    }
  }

  /** Finds a record of a piece in the source: the text of the piece may lack blanks and NULL words. */
  #find(source: number, piece: Piece, index: number): { byte: number; line: number } {
    const { plan } = this.#sources[source] as Surveyed
    let left = index
    for (const record of recordsOf(piece, plan)) if (left-- === 0) return record
    throw new Error(`the piece at byte ${piece.start.offset} has no record ${index}`)
  }

  #rejectTooLong({ source, start: offset, line, block }: Range, { maxRecord }: SourcePlan): void {
    const record = tooLongRecord({ offset, line }, Buffer.from(block as Uint8Array))
    this.#records += 1
    this.rejects.add(source, tooLong(record, maxRecord), offset, () => record)
  }
}
