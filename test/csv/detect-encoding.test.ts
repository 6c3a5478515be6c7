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
  Thai: 'เก้าอี้สำนักงานสีดำพร้อมที่วางแขน',
  Hiragana: 'ひらがなのいす、いえとじむしょのための',
  Chinese: '办公椅黑色带扶手和脚轮家用',
  German: 'Bürostuhl, schwarz, für große Füße',
}

for (const [language, name] of Object.entries(NAMES)) {
  const text = `sku,name\n${Array.from({ length: 40 }, (_, index) => `${index},"${name}"\n`).join('')}`

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
}

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
