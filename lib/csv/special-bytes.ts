/** The bytes at which the scan stops. Hot: bench/scan.mjs says which ways of searching were compared. */

const LF = 10
const CR = 13

/**
 * The next quote, LF or CR, or `end`. First byte by byte, because many fields are short, then four at a time.
 * @param words the same memory as `bytes`
 */
export function nextSpecial(
  bytes: Uint8Array,
  words: Int32Array,
  from: number,
  end: number,
  quote: number,
): number {
  let at = from
  if (at + 8 <= end) {
    if (isSpecial(bytes[at] as number, quote)) return at
    if (isSpecial(bytes[at + 1] as number, quote)) return at + 1
    if (isSpecial(bytes[at + 2] as number, quote)) return at + 2
    if (isSpecial(bytes[at + 3] as number, quote)) return at + 3
    // Whether a word holds a quote or a byte below 14: "Determine if a word has a zero byte" and "… has a byte
    // less than n" of Sean Eron Anderson's Bit Twiddling Hacks.
    const quotes = Math.imul(quote, 0x01010101)
    const last = end >> 2
    let word = (at + 4) >> 2
    for (; word < last; word += 1) {
      const low = words[word] as number
      const same = low ^ quotes
      if ((((same - 0x01010101) & ~same) | ((low - 0x0e0e0e0e) & ~low)) & 0x80808080) break
    }
    at = word << 2
  }
  while (at < end && !isSpecial(bytes[at] as number, quote)) at += 1
  return at
}

function isSpecial(c: number, quote: number): boolean {
  return c === quote || (c <= CR && (c === CR || c === LF))
}

/** The next LF or CR, or `end`. */
export function nextLineEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && bytes[at] !== LF && bytes[at] !== CR) at += 1
  return at
}
