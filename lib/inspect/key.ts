import { ROW_KEY } from '../contract/row-key.js'
import type { Mapping } from '../mapping/columns.js'
import { shorten } from './column.js'
import { DistinctKeys } from './distinct.js'
import type { FieldReader, FieldText } from './fields.js'
import { HASH_WORDS, hash128 } from './hash.js'

/** Bytes; the same as in lib/judge/key-check.ts. */
const LONGEST_KEY = 2600
/** How many repeated keys are listed, and how many records of each. */
const SHOWN_KEYS = 3
const SHOWN_RECORDS = 5
/** Stands for the length of a NULL field. */
const NULL_LENGTH = 0xffffffff
const LENGTH_BYTES = 4

/** A key that several records have. */
export interface RepeatedKey {
  /** The beginning of each part; no parts if the whole record is the key. */
  readonly key: readonly string[]
  /** The lines of its first records, counted over all sources. */
  readonly lines: readonly number[]
}

/** Checks the keys of records as a load into a table of text does. */
export class KeyCheck {
  /** The key's columns in the file, which must not be empty. */
  readonly #texts: readonly number[]
  /** The columns that are hashed: the key's, or all of them if the whole record is the key. */
  readonly #parts: readonly number[]
  readonly #keys: DistinctKeys
  readonly #hash = new Uint32Array(HASH_WORDS)
  readonly #repeated: (RepeatedKey & { readonly hash: Uint32Array; readonly lines: number[] })[] = []
  #scratch = Buffer.alloc(4096)

  /** @param names of the file's columns, in its order */
  constructor({ columns, key }: Mapping, names: readonly string[], keys = new DistinctKeys()) {
    const numbersOf = (some: Mapping['columns']): number[] =>
      some.filter(({ kind }) => kind === 'field').map(({ source }) => names.indexOf(source))
    const isRow = key.some(({ source, kind }) => kind === 'row' && source === ROW_KEY)
    this.#texts = numbersOf(key)
    this.#parts = numbersOf(isRow ? columns : key)
    this.#keys = keys
  }

  /**
   * @param fieldOf the index of each column's field in the record
   * @returns the reason of the reject; undefined if the key is valid
   */
  fault(record: FieldReader, fieldOf: readonly number[]): string | undefined {
    let length = 0
    for (const column of this.#texts) {
      const { start, end } = record.text(fieldOf[column] as number)
      if (start === end) return 'missing key'
      length += end - start
    }
    return length > LONGEST_KEY ? 'key too long' : undefined
  }

  /**
   * @param line of the record, from 1, counted over all sources
   * @throws DasyError TEMPORARY_FILE_FAILED
   */
  add(record: FieldReader, fieldOf: readonly number[], line: number): void {
    this.#computeHash(record, fieldOf)
    const first = this.#keys.add(this.#hash, line)
    if (first !== 0) this.#remember(record, fieldOf, first, line)
  }

  /** The number of distinct keys. Nothing can be added afterwards. */
  count(pause: () => Promise<void>): Promise<number> {
    return this.#keys.count(pause)
  }

  get repeated(): readonly RepeatedKey[] {
    return this.#repeated
  }

  close(): void {
    this.#keys.close()
  }

  #computeHash(record: FieldReader, fieldOf: readonly number[]): void {
    const [first, ...others] = this.#parts
    if (first !== undefined && others.length === 0 && this.#texts.length > 0) {
      const { bytes, start, end } = record.text(fieldOf[first] as number)
      hash128(bytes, start, end, this.#hash)
      return
    }
    let filled = 0
    for (const column of this.#parts) {
      const field = fieldOf[column] as number
      filled = this.#append(filled, record.text(field), record.isNull(field))
    }
    hash128(this.#scratch, 0, filled, this.#hash)
  }

  /** Preceded by its length, so that different fields never make the same bytes. */
  #append(at: number, { bytes, start, end }: FieldText, isNull: boolean): number {
    const from = at + LENGTH_BYTES
    const to = from + end - start
    if (to > this.#scratch.length) this.#scratch = Buffer.concat([this.#scratch], 2 * to)
    this.#scratch.writeUInt32LE(isNull ? NULL_LENGTH : end - start, at)
    bytes.copy(this.#scratch, from, start, end)
    return to
  }

  #remember(record: FieldReader, fieldOf: readonly number[], first: number, line: number): void {
    const isFull = this.#repeated.length === SHOWN_KEYS
    if (isFull && this.#repeated.every(({ lines }) => lines.length === SHOWN_RECORDS)) return
    const known = this.#repeated.find(({ hash }) => hash.every((word, index) => word === this.#hash[index]))
    if (known && known.lines.length < SHOWN_RECORDS) known.lines.push(line)
    if (known || isFull) return
    const key = this.#texts.map((column) => {
      const { bytes, start, end } = record.text(fieldOf[column] as number)
      return shorten(bytes, start, end)
    })
    this.#repeated.push({ key, hash: this.#hash.slice(), lines: [first, line] })
  }
}
