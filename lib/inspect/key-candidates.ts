import { DistinctKeys } from './distinct.js'
import type { FieldText } from './fields.js'
import { HASH_WORDS, hash128 } from './hash.js'

/** Values of a column that are compared; later ones are assumed not to repeat. */
const MOST_VALUES = 400_000
/** The number of columns that are checked. */
const MOST_COLUMNS = 12
/** Bytes, as in lib/inspect/key.ts. */
const LONGEST_KEY = 2600

/** Finds columns that could be the key: no value is missing, and none is repeated. */
export class KeyCandidates {
  readonly #columns: (DistinctKeys | undefined)[]
  readonly #hash = new Uint32Array(HASH_WORDS)
  readonly #names: readonly string[]
  #count = 0

  constructor(names: readonly string[]) {
    this.#names = names
    this.#columns = names.slice(0, MOST_COLUMNS).map(() => new DistinctKeys(MOST_VALUES + 1))
  }

  /** @param valueIn the value of a column in the record; undefined for NULL */
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

  /** The candidates' names; none for a single record, in which every column would be one. */
  get names(): string[] {
    return this.#count < 2 ? [] : this.#names.filter((_, column) => this.#columns[column] !== undefined)
  }
}
