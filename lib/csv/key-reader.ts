import type { Dialect } from './dialect.js'

const LF = 10
const CR = 13
const ZERO = 48
const NINE = 57

/** The most bytes of a key: an entry of a B-tree has no room for a longer one. */
export const LONGEST_KEY = 2600

/** Digits of the longest integer that always fits into a bigint. */
const MOST_DIGITS = 18

/** A field of the key. */
export interface KeyField {
  /** Its index in the record, from 0. */
  readonly index: number
  /** Whether the column is an integer, whose equal values may be written in different ways: 7 and 007. */
  readonly isInteger: boolean
}

/**
 * Reads the key of a record: the text that its fields have in the database, so without quotes. Only for dialects whose
 * quotes are doubled and whose blanks stay.
 *
 * The hash is FNV-1a (Fowler, Noll, Vo), with the finalizer of MurmurHash3, because a table uses its lowest bits.
 */
export class KeyReader {
  /** The most bytes that `read` writes. */
  readonly mostBytes: number
  /** Of the key that was read last: 32 bits, never 0. */
  hash = 0
  /** Whether an integer was written as others are not, with a sign or a leading zero: an equal one may have another text. */
  isUnusual = false
  /** Whether a key was longer than an entry of a B-tree may be. */
  hasTooLong = false
  /** Whether the key that was read last is not usable because a field is the empty text, in quotes, and not NULL. */
  isEmptyText = false
  readonly #delimiter: number
  readonly #quote: number
  readonly #indexes: Int32Array
  readonly #areIntegers: readonly boolean[]

  /** @param fields in the order of the record */
  constructor({ delimiter, quote }: Dialect, fields: readonly KeyField[]) {
    this.mostBytes = LONGEST_KEY + fields.length
    this.#delimiter = delimiter
    this.#quote = quote
    this.#indexes = Int32Array.from(fields, ({ index }) => index)
    this.#areIntegers = fields.map(({ isInteger }) => isInteger)
  }

  /**
   * Writes the key of a record to `into`, from `from` on. Behind each field but the last there is a NUL, which no text holds.
   * @param start of the record
   * @param limit behind the record
   * @returns the length; 0 if there is no usable key: a field is missing or empty, or the key is too long
   */
  read(bytes: Uint8Array, start: number, limit: number, into: Uint8Array, from: number): number {
    const delimiter = this.#delimiter
    const quote = this.#quote
    const indexes = this.#indexes
    const most = from + this.mostBytes - 1
    this.isEmptyText = false
    let at = start
    let index = 0
    let end = from
    let hash = 0x811c9dc5 | 0
    for (let part = 0; part < indexes.length; part += 1) {
      for (const wanted = indexes[part] as number; index < wanted; index += 1) {
        at = this.#skip(bytes, at, limit)
        if (at >= limit || bytes[at] !== delimiter) return 0
        at += 1
      }
      if (part > 0) {
        into[end++] = 0
        hash = Math.imul(hash, 0x01000193)
      }
      const begin = end
      if (at < limit && bytes[at] === quote) {
        for (at += 1; ; at += 1) {
          if (at >= limit) return 0
          const byte = bytes[at] as number
          if (byte === quote) {
            at += 1
            if (at >= limit || bytes[at] !== quote) break
          }
          if (end > most) return this.#tooLong()
          into[end++] = byte
          hash = Math.imul(hash ^ byte, 0x01000193)
        }
      } else {
        for (; at < limit; at += 1) {
          const byte = bytes[at] as number
          if (byte === delimiter || byte === LF || byte === CR) break
          if (end > most) return this.#tooLong()
          into[end++] = byte
          hash = Math.imul(hash ^ byte, 0x01000193)
        }
      }
      if (end > most) return this.#tooLong()
      if (end === begin) {
        this.isEmptyText = at > start && bytes[at - 1] === quote
        return 0
      }
      if (this.#areIntegers[part] && !isUsualInteger(into, begin, end)) this.isUnusual = true
    }
    this.hash = mixed(hash) || 1
    return end - from
  }

  #tooLong(): 0 {
    this.hasTooLong = true
    return 0
  }

  /** @returns the end of the field that starts at `from` */
  #skip(bytes: Uint8Array, from: number, limit: number): number {
    const delimiter = this.#delimiter
    const quote = this.#quote
    let at = from
    if (at < limit && bytes[at] === quote) {
      for (at += 1; at < limit; at += 1) {
        if (bytes[at] !== quote) continue
        if (at + 1 >= limit || bytes[at + 1] !== quote) return at + 1
        at += 1
      }
      return at
    }
    for (; at < limit; at += 1) {
      const byte = bytes[at]
      if (byte === delimiter || byte === LF || byte === CR) return at
    }
    return at
  }
}

function mixed(hash: number): number {
  let h = hash ^ (hash >>> 16)
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return h ^ (h >>> 16)
}

function isUsualInteger(bytes: Uint8Array, from: number, end: number): boolean {
  if (end - from > MOST_DIGITS || (bytes[from] === ZERO && end > from + 1)) return false
  for (let at = from; at < end; at += 1) {
    const byte = bytes[at] as number
    if (byte < ZERO || byte > NINE) return false
  }
  return true
}
