import { ROW_KEY } from '../contract/row-key.js'
import type { Mapping } from '../mapping/columns.js'
import { shorten } from './column.js'
import { DistinctKeys } from './distinct.js'
import type { FieldReader, FieldText } from './fields.js'
import { HASH_WORDS, hash128 } from './hash.js'

/** Bytes; the same as in lib/judge/key-check.ts. */
const LONGEST_KEY = 2600
/** How many repeated keys are shown, and records of each. */
const SHOWN_KEYS = 3
const SHOWN_RECORDS = 5
/** Stands for the length of a NULL field. */
const NULL_LENGTH = 0xffffffff
const LENGTH_BYTES = 4

/** A key that several records have. */
export interface Repeated<Place> {
  /** The beginning of each part; empty if the key is the record as a whole. */
  readonly key: readonly string[]
  /** The places of its first records. */
  readonly places: readonly Place[]
}

/** Checks the keys of records as a load into a table of text does. */
export class KeyCheck {
  /** Columns of the file that must not be empty. */
  readonly #texts: readonly number[]
  /** Columns that make up the key. */
  readonly #parts: readonly number[]
  readonly #keys: DistinctKeys
  readonly #hash = new Uint32Array(HASH_WORDS)
  readonly #repeated: (Repeated<number> & { readonly hash: Uint32Array; readonly places: number[] })[] = []
  #scratch = Buffer.alloc(4096)

  /** @param columns of the file, by name, in the order of their numbers */
  constructor({ columns, key }: Mapping, names: readonly string[], keys = new DistinctKeys()) {
    const numbersOf = (some: Mapping['columns']): number[] =>
      some.filter(({ kind }) => kind === 'field').map(({ source }) => names.indexOf(source))
    const isRow = key.some(({ source, kind }) => kind === 'row' && source === ROW_KEY)
    this.#texts = numbersOf(key)
    this.#parts = numbersOf(isRow ? columns : key)
    this.#keys = keys
  }

  /**
   * @param placeOf the index of a column in the record
   * @returns why the record cannot be loaded
   */
  fault(record: FieldReader, placeOf: readonly number[]): string | undefined {
    let length = 0
    for (const column of this.#texts) {
      const { start, end } = record.text(placeOf[column] as number)
      if (start === end) return 'missing key'
      length += end - start
    }
    return length > LONGEST_KEY ? 'key too long' : undefined
  }

  /** @param place of the record, from 1 */
  add(record: FieldReader, placeOf: readonly number[], place: number): void {
    this.#reckon(record, placeOf)
    const first = this.#keys.add(this.#hash, place)
    if (first !== 0) this.#show(record, placeOf, first, place)
  }

  /** The number of distinct keys. Nothing can be added afterwards. */
  count(pause: () => Promise<void>): Promise<number> {
    return this.#keys.count(pause)
  }

  get repeated(): readonly Repeated<number>[] {
    return this.#repeated
  }

  close(): void {
    this.#keys.close()
  }

  #reckon(record: FieldReader, placeOf: readonly number[]): void {
    const [first, ...others] = this.#parts
    if (first !== undefined && others.length === 0 && this.#texts.length > 0) {
      const { bytes, start, end } = record.text(placeOf[first] as number)
      hash128(bytes, start, end, this.#hash)
      return
    }
    let filled = 0
    for (const column of this.#parts) {
      const field = placeOf[column] as number
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

  #show(record: FieldReader, placeOf: readonly number[], first: number, place: number): void {
    const isFull = this.#repeated.length === SHOWN_KEYS
    if (isFull && this.#repeated.every(({ places }) => places.length === SHOWN_RECORDS)) return
    const known = this.#repeated.find(({ hash }) => hash.every((word, index) => word === this.#hash[index]))
    if (known && known.places.length < SHOWN_RECORDS) known.places.push(place)
    if (known || isFull) return
    const key = this.#texts.map((column) => {
      const { bytes, start, end } = record.text(placeOf[column] as number)
      return shorten(bytes, start, end)
    })
    this.#repeated.push({ key, hash: this.#hash.slice(), places: [first, place] })
  }
}
