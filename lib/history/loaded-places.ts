import { DatabaseEncodings } from '../catalog/encoding.js'
import type { Target } from '../catalog/target.js'
import type { Settings } from '../contract/settings.js'
import type { StoredSettings } from '../contract/stored-settings.js'
import { textOf as fieldText, splitLeniently } from '../csv/lenient.js'
import type { SourceRecord } from '../csv/records.js'
import type { Session } from '../db/session.js'
import { type Fragment, ident, list, literal, number, query, sql, statement } from '../db/sql.js'
import type { StoredSource } from '../ledger/sources.js'
import { type Column, mapColumns } from '../mapping/columns.js'
import { decode } from '../ranges/decode.js'
import { readRecords } from '../ranges/read-records.js'
import type { Source } from '../source/source.js'
import type { LoadedPlaces } from './first-load-rows.js'
import { openUnchanged } from './record-places.js'

/** A load whose rows are looked for in its sources. */
export interface LoadedFrom {
  readonly run: number
  readonly settings: StoredSettings
  readonly sources: readonly StoredSource[]
  /** How many of its records lost to another one of the same key. */
  readonly duplicates: number
  /** Only records with these bytes are wanted. */
  readonly containing?: Buffer | undefined
}

/** Records are sent to the server in batches of so many, or of so many bytes. */
const BATCH_RECORDS = 2000
const BATCH_BYTES = 1024 * 1024

const READ = ident('pg_temp', 'dasy_read')
const PLACES = ident('pg_temp', 'dasy_places')

interface ReadKey {
  readonly source: number
  readonly byte: number
  readonly line: number
  /** The fields of the key; null for NULL. */
  readonly fields: readonly (Buffer | null)[]
}

/**
 * Finds the records that a load has loaded, by reading its sources again: only their keys are sent to the server, which compares
 * them by their types, as the load did. Only a batch of them is in memory.
 */
export class RecordsOfLoad {
  readonly #session: Session
  readonly #load: LoadedFrom
  readonly #key: readonly Column[]
  /** The fields that the key is made of, by their index in the first source. */
  readonly #fields: readonly number[]
  readonly #records: AsyncIterator<ReadKey>
  #isAtEnd = false

  /**
   * @param target the table as it is now
   * @throws DasyError if the sources cannot be matched with it any more
   */
  constructor(session: Session, load: LoadedFrom, target: Target) {
    const [first] = load.sources as [StoredSource, ...StoredSource[]]
    const settings = load.settings as unknown as Settings
    const header = first.columns
    const mapped = { header, settings, file: first.name, isDoubtful: false }
    const { key, columns } = mapColumns(mapped, target, true)
    const isRow = key.some(({ kind }) => kind === 'row')
    const used = (isRow ? columns : key).filter(({ kind }) => kind === 'field')
    this.#session = session
    this.#load = load
    this.#key = key
    this.#fields = used.map(({ source }) => header.indexOf(source))
    this.#records = this.#read()
  }

  /** Whether the first records of the sources tell the places of the first rows. */
  get canBePart(): boolean {
    return this.#load.duplicates === 0 || this.#load.settings.policy.duplicates === 'first'
  }

  /**
   * Reads on.
   * @param records about so many; all if undefined
   * @returns the places of those that were read so far
   * @throws if a source is not as it was
   */
  async find(records = Number.POSITIVE_INFINITY): Promise<LoadedPlaces> {
    const session = this.#session
    await session.run(query`DROP TABLE IF EXISTS ${PLACES}`)
    const texts = this.#fields.map((field) => sql`${ident(`c${field + 1}`)} text`)
    const columns = list([sql`source integer, byte bigint, line bigint`, ...texts])
    await session.run(query`CREATE TEMPORARY TABLE IF NOT EXISTS ${READ} (${columns})`)
    for (let left = records; left > 0 && !this.#isAtEnd; ) left -= await this.#sendBatch()
    await session.run(
      statement('history/find_loaded', {
        read: READ,
        places: PLACES,
        run: number(this.#load.run),
        key: list(this.#key.map(({ value }, index) => sql`${value} AS ${keyName(index)}`)),
        order: list(this.#key.map((_, index) => keyName(index))),
        direction: this.#load.settings.policy.duplicates === 'first' ? sql`ASC` : sql`DESC`,
      }),
    )
    const key = this.#key.map((_, index) => sql`p.${keyName(index)}`)
    return { table: PLACES, key, isWhole: this.#isAtEnd }
  }

  async close(): Promise<void> {
    await this.#records.return?.()
    await this.#session.run(query`DROP TABLE IF EXISTS ${READ}, ${PLACES}`).catch(() => {})
  }

  async #sendBatch(): Promise<number> {
    const batch: ReadKey[] = []
    for (let bytes = 0; batch.length < BATCH_RECORDS && bytes < BATCH_BYTES; ) {
      const { value, done } = await this.#records.next()
      if (done) {
        this.#isAtEnd = true
        break
      }
      batch.push(value)
      for (const field of value.fields) bytes += field?.length ?? 0
    }
    if (batch.length > 0) await this.#send(batch)
    return batch.length
  }

  async #send(batch: readonly ReadKey[]): Promise<void> {
    const encodings = this.#load.sources.map(({ encoding }) => encoding)
    const encoding = sql`(${literal(`{${encodings.map((each) => `"${each}"`).join(',')}}`)}::text[])[b.source + 1]`
    const values = this.#fields.map((_, index) => sql`convert_from(b.${keyName(index)}, ${encoding})`)
    const arrays = this.#fields.map((_, index) => sql`${sql`$`}${number(index + 4)}::bytea[]`)
    await this.#session.run(
      query`INSERT INTO ${READ} SELECT ${list([sql`b.source, b.byte, b.line`, ...values])}
              FROM unnest(${list([sql`$1::integer[], $2::bigint[], $3::bigint[]`, ...arrays])})
                AS b (${list([sql`source, byte, line`, ...this.#fields.map((_, index) => keyName(index))])})`,
      [
        batch.map(({ source }) => source),
        batch.map(({ byte }) => byte),
        batch.map(({ line }) => line),
        ...this.#fields.map((_, index) => batch.map(({ fields }) => fields[index] ?? null)),
      ],
    )
  }

  async *#read(): AsyncGenerator<ReadKey> {
    for (const stored of this.#load.sources) yield* this.#readSource(stored)
  }

  async *#readSource(stored: StoredSource): AsyncGenerator<ReadKey> {
    const { ordinal, name, columns, dialect, first_byte, first_line, text_bytes } = stored
    const { reading, limits } = this.#load.settings
    const found = await openUnchanged(stored)
    if (!found || text_bytes === null) throw new Error(`${name} cannot be read again`)
    const encodings = new DatabaseEncodings(this.#session)
    await using source = (await decode(encodings, reading.encoding, found)).source as Source
    const word =
      reading.nullWord === undefined
        ? undefined
        : await encodings.encodeNullWord(reading.nullWord, stored.encoding)
    const [first] = this.#load.sources as [StoredSource]
    // Another source of the run may have its columns in another order.
    const indexes = this.#fields.map((field) => columns.indexOf(first.columns[field] as string))
    const start = { offset: Number(first_byte), line: Number(first_line) }
    const format = { dialect, maxRecord: limits.maxRecord, columns: columns.length }
    const { containing } = this.#load
    const records = readRecords(source, start, Number(text_bytes), format, containing)
    for await (const { byte, line, bytes } of records) {
      const fields = fieldsOf(bytes, indexes, { dialect, word })
      if (fields) yield { source: ordinal, byte, line, fields }
    }
  }
}

function fieldsOf(
  record: SourceRecord['bytes'],
  indexes: readonly number[],
  { dialect, word }: Pick<StoredSource, 'dialect'> & { readonly word: Uint8Array | undefined },
): (Buffer | null)[] | undefined {
  const all = splitLeniently(record, dialect)
  return (
    all &&
    indexes.map((index) => {
      const field = all[index]
      if (!field) return null
      const isNull = field.bytes.length === 0 || (word && Buffer.compare(field.bytes, word) === 0)
      return !field.quoted && isNull ? null : fieldText(field, dialect)
    })
  )
}

function keyName(index: number): Fragment {
  return ident(`k${index + 1}`)
}
