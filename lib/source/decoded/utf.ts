import { transcode } from 'node:buffer'

export type ByteOrder = 'LE' | 'BE'

/** A byte that is invalid in UTF-8. */
export const INVALID = 0xff

const MARK = 0xfeff
const REPLACEMENT = 0xfffd
const NOTHING = Buffer.alloc(0)

/**
 * UTF-16 and UTF-32: units of two or four bytes, in either byte order. A lone surrogate becomes the three bytes that it
 * would have in UTF-8, which are invalid there.
 */
export class WideDecoder {
  readonly #width: 2 | 4
  #order: ByteOrder | undefined
  #started = false
  #rest: Uint8Array = NOTHING

  /** @param order by default that of the byte order mark, else LE, which nearly all machines use */
  constructor(width: 2 | 4, order: ByteOrder | undefined) {
    this.#width = width
    this.#order = order
  }

  write(chunk: Uint8Array): Uint8Array {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk
    this.#order ??= this.#markedOrder(bytes)
    const length = this.#wholeLength(bytes)
    this.#rest = Uint8Array.from(bytes.subarray(length))
    return this.#toUtf8(bytes.subarray(0, length))
  }

  end(): Uint8Array {
    if (this.#rest.length === 0) return NOTHING
    const units = this.#rest.length - (this.#rest.length % this.#width)
    const cutOff = this.#rest.length > units ? [INVALID] : []
    return Buffer.concat([this.#toUtf8(this.#rest.subarray(0, units)), Uint8Array.from(cutOff)])
  }

  /** Undefined while too few bytes are read. */
  #markedOrder(bytes: Uint8Array): ByteOrder | undefined {
    if (bytes.length < this.#width) return undefined
    return unitAt(bytes, 0, this.#width, 'BE') === MARK ? 'BE' : 'LE'
  }

  /** Up to the last complete character. */
  #wholeLength(bytes: Uint8Array): number {
    const whole = bytes.length - (bytes.length % this.#width)
    if (this.#width === 4 || whole === 0) return whole
    return isHighSurrogate(unitAt(bytes, whole - 2, 2, this.#order)) ? whole - 2 : whole
  }

  #toUtf8(units: Uint8Array): Uint8Array {
    if (units.length === 0) return NOTHING
    const marked = !this.#started && unitAt(units, 0, this.#width, this.#order) === MARK
    this.#started = true
    const text = marked ? units.subarray(this.#width) : units
    if (this.#width === 4) return utf32ToUtf8(text, this.#order)
    return utf16ToUtf8(this.#order === 'BE' ? Buffer.from(text).swap16() : text)
  }
}

/**
 * @param units UTF-16LE
 * @param replacement what U+FFFD becomes: text, or an invalid byte if it stands for invalid bytes
 */
export function utf16ToUtf8(units: Uint8Array, replacement: 'text' | 'invalid' = 'text'): Uint8Array {
  if (replacement === 'text') {
    try {
      return transcode(units, 'utf16le', 'utf8')
    } catch {
      // It contains a lone surrogate.
    }
  }
  const utf8 = Buffer.allocUnsafe((units.length / 2) * 3)
  let length = 0
  for (let at = 0; at < units.length; at += 2) {
    let point = unitAt(units, at, 2, 'LE')
    const next = at + 2 < units.length ? unitAt(units, at + 2, 2, 'LE') : 0
    if (isHighSurrogate(point) && isLowSurrogate(next)) {
      point = 0x10000 + ((point & 0x3ff) << 10) + (next & 0x3ff)
      at += 2
    }
    length = write(utf8, length, point === REPLACEMENT && replacement === 'invalid' ? -1 : point)
  }
  return utf8.subarray(0, length)
}

function utf32ToUtf8(units: Uint8Array, order: ByteOrder | undefined): Uint8Array {
  const utf8 = Buffer.allocUnsafe(units.length)
  let length = 0
  for (let at = 0; at < units.length; at += 4) length = write(utf8, length, unitAt(units, at, 4, order))
  return utf8.subarray(0, length)
}

/** Writes a code point, or an invalid byte instead. @returns the offset for the next one */
function write(into: Uint8Array, at: number, point: number): number {
  if (point < 0 || point > 0x10ffff) {
    into[at] = INVALID
    return at + 1
  }
  if (point < 0x80) {
    into[at] = point
    return at + 1
  }
  const bytes = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
  for (let index = bytes - 1, rest = point; index >= 0; index -= 1, rest >>= 6) {
    into[at + index] = index > 0 ? 0x80 | (rest & 0x3f) : ((0xf00 >> bytes) & 0xff) | rest
  }
  return at + bytes
}

function unitAt(bytes: Uint8Array, at: number, width: 2 | 4, order: ByteOrder | undefined): number {
  let unit = 0
  for (let index = 0; index < width; index += 1) {
    unit = (unit << 8) | (bytes[order === 'BE' ? at + index : at + width - 1 - index] as number)
  }
  return unit
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800
}

function isLowSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00
}
