import t from 'tap'
import { nextLineEnd, nextSpecial } from '../../lib/csv/special-bytes.js'

const QUOTE = 0x22

t.test('the next quote, LF or CR is found at every alignment', async (t) => {
  for (const special of [0x0a, 0x0d, QUOTE]) {
    for (let from = 0; from < 9; from += 1) {
      for (let at = from; at < 40; at += 1) {
        // Bytes beside the special ones, above 0x80 and below 14.
        const bytes = Uint8Array.from(
          { length: 40 },
          (_, n) => [0x21, 0x23, 0xa2, 0x0b, 0x8a, 0x0e][n % 6] ?? 0,
        )
        bytes[at] = special
        const found = nextSpecial(bytes, new Int32Array(bytes.buffer), from, bytes.length, QUOTE)
        if (found !== at) t.fail(`byte ${special} at ${at} from ${from}: ${found}`)
      }
    }
  }
  t.pass()
})

t.test('nothing is found at or after the end', async (t) => {
  const bytes = Uint8Array.from(Buffer.from('abcdefghijklmnop"\n'.padEnd(20)))
  const words = new Int32Array(bytes.buffer)
  for (let end = 0; end <= 16; end += 1) t.equal(nextSpecial(bytes, words, 0, end, QUOTE), end)
  t.equal(nextSpecial(bytes, words, 0, 17, QUOTE), 16)
  t.equal(nextLineEnd(bytes, 0, 20), 17)
  t.equal(nextLineEnd(bytes, 18, 20), 20)
})
