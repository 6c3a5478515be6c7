import { DistinctKeys } from './distinct.js'
import type { FieldText } from './fields.js'
import { HASH_WORDS, hash128 } from './hash.js'

/** Values of a column that are compared: what goes beyond is believed to go on like this. */
const MOST_VALUES = 400_000
/** So many columns are looked at. */
const MOST_COLUMNS = 12
/** Bytes: as lib/inspect/key.ts has it. */
const LONGEST_KEY = 2600

/** Finds columns that could be the key: no value is missing, and none is there twice. */
export class KeyCandidates {
  readonly #columns: (DistinctKeys | undefined)[]
  readonly #hash = new Uint32Array(HASH_WORDS)
  readonly #names: readonly string[]
  #count = 0

  constructor(names: readonly string[]) {
    this.#names = names
    this.#columns = names.slice(0, MOST_COLUMNS).map(() => new DistinctKeys(MOST_VALUES + 1))
  }

  /** @param valueIn what a column of the record holds; undefined for NULL */
  add(valueIn: (column: number) => FieldText | undefined): void {
    this.#count += 1
    if (this.#count > MOST_VALUES) return
    for (const [column, keys] of this.#columns.entries()) {
      if (!keys) continue
      const value = valueIn(column)
      const length = value ? value.end - value.start : 0
      if (!value || length === 0 || length > LONGEST_KEY) {
        this.#columns[column] = undefined
        continue
      }
      hash128(value.bytes, value.start, value.end, this.#hash)
      if (keys.add(this.#hash, this.#count) !== 0) this.#columns[column] = undefined
    }
  }

  /** Of a single record every column could be the key, which says nothing. */
  get names(): string[] {
    return this.#count < 2 ? [] : this.#names.filter((_, column) => this.#columns[column] !== undefined)
  }
}
