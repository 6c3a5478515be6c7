/** Words of 32 bits in a hash. */
export const HASH_WORDS = 4

const [C1, C2, C3, C4] = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93]

/**
 * MurmurHash3_x86_128 with seed 0, by Austin Appleby (public domain): 128 bits from words of 32 bits, which JavaScript
 * computes without BigInt.
 * @param into receives the four words
 */
export function hash128(bytes: Uint8Array, from: number, to: number, into: Uint32Array): void {
  let [h1, h2, h3, h4] = [0, 0, 0, 0]
  let at = from
  for (; at + 16 <= to; at += 16) {
    h1 = (Math.imul(rotate((h1 ^ mix(word(bytes, at), C1, 15, C2)) | 0, 19) + h2, 5) + 0x561ccd1b) | 0
    h2 = (Math.imul(rotate((h2 ^ mix(word(bytes, at + 4), C2, 16, C3)) | 0, 17) + h3, 5) + 0x0bcaa747) | 0
    h3 = (Math.imul(rotate((h3 ^ mix(word(bytes, at + 8), C3, 17, C4)) | 0, 15) + h4, 5) + 0x96cd1c35) | 0
    h4 = (Math.imul(rotate((h4 ^ mix(word(bytes, at + 12), C4, 18, C1)) | 0, 13) + h1, 5) + 0x32ac3b17) | 0
  }
  h1 ^= mix(lastWord(bytes, at, to), C1, 15, C2)
  h2 ^= mix(lastWord(bytes, at + 4, to), C2, 16, C3)
  h3 ^= mix(lastWord(bytes, at + 8, to), C3, 17, C4)
  h4 ^= mix(lastWord(bytes, at + 12, to), C4, 18, C1)
  const length = to - from
  h1 = (h1 ^ length) | 0
  h2 = (h2 ^ length) | 0
  h3 = (h3 ^ length) | 0
  h4 = (h4 ^ length) | 0
  h1 = (h1 + h2 + h3 + h4) | 0
  h2 = finish((h2 + h1) | 0)
  h3 = finish((h3 + h1) | 0)
  h4 = finish((h4 + h1) | 0)
  h1 = (finish(h1) + h2 + h3 + h4) | 0
  into[0] = h1
  into[1] = h2 + h1
  into[2] = h3 + h1
  into[3] = h4 + h1
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  )
}

/** An incomplete word at the end: its bytes before `to`. */
function lastWord(bytes: Uint8Array, at: number, to: number): number {
  let value = 0
  for (let index = Math.min(at + 4, to) - 1; index >= at; index -= 1) {
    value = (value << 8) | (bytes[index] as number)
  }
  return value
}

function mix(value: number, factor: number, bits: number, second: number): number {
  return Math.imul(rotate(Math.imul(value, factor), bits), second)
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}

function finish(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
