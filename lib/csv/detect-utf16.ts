/** Bytes that are checked for UTF-16. */
const SAMPLE = 4096
/** The part of a text that must make sense in its encoding. */
const MOSTLY = 0.9
/** The part of the bytes that are NULs in a text of one byte per character, at most: fields may end in one. In UTF-16 half of Latin text is NULs. */
const FEW_NULS = 0.2
/** The part of the bytes that are line ends and tabs, at most. In UTF-16 they are half of each character of Devanagari, Gurmukhi and Malayalam. */
const MOST_BREAKS = 0.35

/**
 * How many more NULs are on one side than on the other in UTF-16, at least, in standard deviations of what chance makes of as many:
 * the square root of their number. (U+4E00 and U+3000 have theirs on the other side.) Latin text has many NULs, and needs no such proof.
 */
const LEAD = 2.4
const MANY_NULS = 0.4

/**
 * Whether a text without a byte order mark is UTF-16. The high byte of each ASCII character, as delimiters and line ends are, is
 * NUL: so most NULs are first bytes, or most are second ones, and most characters are common ones. (Two ASCII letters look like
 * one Chinese character.)
 * @param head the first bytes
 */
export function detectUtf16(head: Uint8Array): 'UTF-16LE' | 'UTF-16BE' | undefined {
  const sample = Buffer.from(head.subarray(0, Math.min(SAMPLE, head.length - (head.length % 2))))
  const nuls = sample.filter((byte) => byte === 0).length
  if (nuls === 0 || isNarrow(sample, nuls)) return undefined
  const second = sample.filter((byte, index) => byte === 0 && index % 2 === 1).length
  const isLittle = 2 * second > nuls
  const lead = Math.abs(2 * second - nuls)
  if (lead < LEAD * Math.sqrt(nuls) && nuls < MANY_NULS * sample.length) return undefined
  const text = (isLittle ? sample : sample.swap16()).toString('utf16le')
  if (commonPart(text) < MOSTLY) return undefined
  return isLittle ? 'UTF-16LE' : 'UTF-16BE'
}

/**
 * Whether it is UTF-8 that contains a few NULs, and perhaps some invalid bytes. In UTF-16 other scripts than Latin have few NULs
 * too, but many bytes that are control characters or invalid.
 */
function isNarrow(sample: Buffer, nuls: number): boolean {
  if (nuls > FEW_NULS * sample.length) return false
  const text = sample.toString()
  const breaks = text.match(/[\t\r\n]/g)?.length ?? 0
  const nonsense = (text.match(/\p{Cc}|\ufffd/gu)?.length ?? 0) - breaks - nuls
  const others = sample.length - nuls
  return nonsense <= (1 - MOSTLY) * others && breaks <= MOST_BREAKS * others
}

const COMMON =
  /[\t\r\n -~\u00a0-\u27bf\u3000-\u30ff\u3400-\u9fff\uac00-\ud7a3\ufb50-\ufdff\ufe30-\uffef]|[\ud800-\udbff][\udc00-\udfff]/g

/** The part of the characters that are common; 0 if hardly any is ASCII, as delimiters and line ends are. */
function commonPart(text: string): number {
  const ascii = (text.match(/[\t\r\n -~]/g)?.length ?? 0) / text.length
  if (!/[\n\r]/.test(text) && ascii < 0.3) return 0
  const found = text.match(COMMON)?.reduce((sum, { length }) => sum + length, 0) ?? 0
  return found / text.length
}
