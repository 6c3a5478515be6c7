import t from 'tap'
import { detectEncoding } from '../../lib/csv/detect-encoding.js'

const TEXT = 'sku,name\n1,größe\n2,日本語\n'
const wide = Buffer.from(TEXT, 'utf16le')
const big = Buffer.from(wide).swap16()
const mark = Buffer.from([0xff, 0xfe])

t.test('a byte order mark decides', async (t) => {
  t.match(detectEncoding(Buffer.from(`\ufeff${TEXT}`)), { name: 'UTF8', mark: 3, doubts: [] })
  t.match(detectEncoding(Buffer.concat([mark, wide])), { name: 'UTF-16LE', mark: 2, doubts: [] })
  t.match(detectEncoding(Buffer.concat([Buffer.from([0xfe, 0xff]), big])), { name: 'UTF-16BE', mark: 2 })
  t.match(detectEncoding(Buffer.from('fffe000061000000', 'hex')), { name: 'UTF-32LE', mark: 4 })
  t.match(detectEncoding(Buffer.from('0000feff00000061', 'hex')), { name: 'UTF-32BE', mark: 4 })
})

t.test('UTF-16 without a mark is recognised, with a doubt', async (t) => {
  t.match(detectEncoding(wide), { name: 'UTF-16LE', mark: 0, doubts: [{ text: /--encoding UTF-16LE/ }] })
  t.match(detectEncoding(big), { name: 'UTF-16BE', doubts: [{ text: /--encoding UTF-16BE/ }] })
})

t.test('a few NULs do not make a text UTF-16', async (t) => {
  for (const text of ['sku,name\n1,a\0b\n2,c\n', '1,\0\0\n2,größe\n', ''])
    t.match(detectEncoding(Buffer.from(text)), { name: 'UTF8', doubts: [] }, JSON.stringify(text))
})

const NAMES = {
  Russian: 'Кресло офисное, чёрное, с подлокотниками',
  Arabic: 'كرسي مكتب أسود مع مساند للذراعين',
  Hindi: 'लकड़ी की कुर्सी घर और कार्यालय के लिए',
  Punjabi: 'ਲੱਕੜ ਦੀ ਕੁਰਸੀ ਘਰ ਅਤੇ ਦਫ਼ਤਰ ਲਈ',
  Malayalam: 'മരക്കസേര വീടിനും ഓഫീസിനും',
  Thai: 'เก้าอี้สำนักงานสีดำพร้อมที่วางแขน',
  Georgian: 'სავარძელი შავი ოფისის',
  Amharic: 'ወንበር ጥቁር ቢሮ',
  Khmer: 'កៅអីខ្មៅ ការិយាល័យ',
  Hiragana: 'ひらがなのいす、いえとじむしょのための',
  Japanese: '木製の椅子　オフィス用チェアー　黒',
  Chinese: '办公椅黑色带扶手和脚轮家用一个',
  German: 'Bürostuhl, schwarz, für große Füße',
}
const ROWS = Array.from({ length: 40 }, (_, index) => index)

for (const [language, name] of Object.entries(NAMES)) {
  const text = `sku,name\n${ROWS.map((row) => `${row},"${name}"\n`).join('')}`

  t.test(`${language} in UTF-16 is recognised`, async (t) => {
    const little = Buffer.from(text, 'utf16le')
    t.equal(detectEncoding(little).name, 'UTF-16LE')
    t.equal(detectEncoding(little.swap16()).name, 'UTF-16BE')
  })

  t.test(`${language} in UTF-8 with a few NULs and a few invalid bytes is UTF-8`, async (t) => {
    for (const at of [20, 101, 202, 303]) {
      const damaged = Buffer.from(text)
      damaged.fill(0, at, at + 1)
      damaged.fill(0xf8, at + 40, at + 41)
      // The NUL stands before a line end, as in UTF-16BE.
      damaged.fill(0, damaged.indexOf('\n', at) - 1, damaged.indexOf('\n', at))
      t.equal(detectEncoding(damaged).name, 'UTF8', `damage from byte ${at}`)
    }
  })

  t.test(`${language} in UTF-8 whose fields end in a NUL is UTF-8`, async (t) => {
    for (const delimiter of [',', '\t', '|']) {
      const ended = ROWS.map((row) => `${name}\0${delimiter}${name.slice(row % 9)}\0\n`).join('')
      t.equal(detectEncoding(Buffer.from(`name${delimiter}place\n${ended}`)).name, 'UTF8', delimiter)
    }
  })
}

t.test('texts of one byte per character with many NULs are not UTF-16', async (t) => {
  const names = ['Smith', 'Jones', 'Anderson', 'Fischer', 'Wöber', 'Schmidt', 'Li']
  const rowsOf = (ended: (name: string) => string) =>
    ROWS.map((row) => `${ended(names[row % 7] as string)}|${ended(names[(row * 5 + 1) % 7] as string)}\n`)
  const texts = {
    'one column': `name\n${ROWS.map((row) => `${names[row % 7]}\0\n`).join('')}`,
    'two columns': `name|place\n${rowsOf((name) => `${name}\0`).join('')}`,
    'of a fixed width': `name|place\n${rowsOf((name) => name.padEnd(8, '\0')).join('')}`,
    'of a fixed width, mostly NULs': `name|place\n${rowsOf((name) => name.padEnd(30, '\0')).join('')}`,
  }
  for (const [what, text] of Object.entries(texts))
    for (const encoding of ['utf8', 'latin1'] as const)
      t.equal(detectEncoding(Buffer.from(text, encoding)).name, 'UTF8', `${what}, ${encoding}`)
  const short = ['Jones\0\n', 'sku\n\0\n', 'sku\r\n\0\r\n', 'Füße\0\r', '6662\0\n7856\0\n', 'sku\n\n\0']
  for (const text of short) t.equal(detectEncoding(Buffer.from(text)).name, 'UTF8', JSON.stringify(text))
})

t.test('bytes that are not UTF-8 are named with their line', async (t) => {
  const latin1 = Buffer.from('sku,name\r\n1,gr\xf6\xdfe\r\n', 'latin1')
  const { name, doubts } = detectEncoding(latin1, true)
  t.equal(name, 'UTF8')
  t.match(doubts, [{ text: /such as F6 in line 2.*--encoding WIN1252/, better: { encoding: 'WIN1252' } }])
})

t.test('a character that is cut off is invalid only at the end of the text', async (t) => {
  const bytes = Buffer.from('sku\n日')
  for (let length = 4; length <= bytes.length; length += 1)
    t.same(detectEncoding(bytes.subarray(0, length)).doubts, [], `${length} bytes of more`)
  t.equal(detectEncoding(bytes.subarray(0, 6), true).doubts.length, 1)
  t.equal(detectEncoding(bytes, true).doubts.length, 0)
})
