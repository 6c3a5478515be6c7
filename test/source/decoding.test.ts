import { isUtf8 } from 'node:buffer'
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { decode, isDecodable } from '../../lib/source/decoded/decoding.js'
import { breaking, Chunks, drain, takeOne } from '../support/streams.js'

const SIZES = [1, 2, 3, 4, 5, 6, 7, 65_536]
const MARK = '\ufeff'

/** Characters of one to four bytes of UTF-8, one that means "unreadable", and a mark that is none at the start. */
const TEXT = `sku,name\n1,"Käse – 10 €"\n2,日本語 𝄞𐍈\n3,\ufffd and ${MARK}|\0|\x7f\u07ff\uffff\u{10ffff}\n`
const ENDING = '😀'

function utf16(text: string, order: string): Buffer {
  const units = Buffer.from(text, 'utf16le')
  return order === 'BE' ? units.swap16() : units
}

function utf32(points: readonly number[], order: string): Buffer {
  const units = Buffer.alloc(points.length * 4)
  points.forEach((point, index) => {
    if (order === 'BE') units.writeUInt32BE(point, index * 4)
    else units.writeUInt32LE(point, index * 4)
  })
  return units
}

const points = (text: string) => [...text].map((character) => character.codePointAt(0) as number)

const WIDE: [encoding: string, bytes: (text: string) => Buffer][] = [
  ['UTF-16LE', (text) => utf16(text, 'LE')],
  ['utf16be', (text) => utf16(text, 'BE')],
  ['UCS-2', (text) => utf16(text, 'LE')],
  ['UTF-32LE', (text) => utf32(points(text), 'LE')],
  ['UTF_32BE', (text) => utf32(points(text), 'BE')],
]
for (const [encoding, bytes] of WIDE) {
  t.test(`${encoding} is decoded, with a byte order mark or without`, async (t) => {
    for (const size of SIZES) {
      for (const text of [TEXT, `${TEXT}${ENDING}`, '', 'x']) {
        for (const mark of ['', MARK]) {
          const decoded = await drain(decode(encoding, new Chunks(bytes(mark + text), size)))
          t.equal(decoded.toString(), text, `in chunks of ${size}`)
        }
      }
    }
  })
}

for (const [encoding, width] of [
  ['UTF-16', 16],
  ['UTF-32', 32],
] as const) {
  t.test(`${encoding} goes by its byte order mark, and is LE without`, async (t) => {
    const bytes = (text: string, order: string) =>
      width === 16 ? utf16(text, order) : utf32(points(text), order)
    for (const size of SIZES) {
      for (const encoded of [bytes(TEXT, 'LE'), bytes(MARK + TEXT, 'LE'), bytes(MARK + TEXT, 'BE')]) {
        t.equal((await drain(decode(encoding, new Chunks(encoded, size)))).toString(), TEXT)
      }
    }
  })
}

/** Surrogates alone, as hex of UTF-16BE, and what has to become of them. */
const LONE: [name: string, units: string, utf8: string][] = [
  ['a high surrogate before text', 'd83d0041', 'eda0bd41'],
  ['a high surrogate at the end', '0041d83d', '41eda0bd'],
  ['a low surrogate', '0041de000042', '41edb88042'],
  ['two high ones, and a pair', 'd83dd83dde00', 'eda0bdf09f9880'],
  ['the wrong way round', 'de00d83d0041', 'edb880eda0bd41'],
  ['an odd byte at the end', '0041fd', '41ff'],
  ['an odd byte behind a high surrogate', 'd83dfd', 'eda0bdff'],
  ['a real replacement character beside one', 'fffdd83d0041', 'efbfbdeda0bd41'],
]
for (const [name, units, utf8] of LONE) {
  t.test(`UTF-16 with ${name} does not become valid text`, async (t) => {
    const big = Buffer.from(units, 'hex')
    const whole = big.length - (big.length % 2)
    const little = Buffer.concat([Buffer.from(big.subarray(0, whole)).swap16(), big.subarray(whole)])
    for (const size of SIZES) {
      t.equal((await drain(decode('UTF-16BE', new Chunks(big, size)))).toString('hex'), utf8)
      t.equal((await drain(decode('UTF-16LE', new Chunks(little, size)))).toString('hex'), utf8)
    }
    t.notOk(isUtf8(Buffer.from(utf8, 'hex')))
  })
}

t.test('UTF-32 with what is no character does not become valid text', async (t) => {
  const units = utf32([0x41, 0xd800, 0x110000, 0xffffffff, 0xfffd, 0x42], 'LE')
  for (const size of SIZES) {
    const bytes = Buffer.concat([units, Buffer.from([0x43, 0])])
    const decoded = await drain(decode('UTF-32LE', new Chunks(bytes, size)))
    t.equal(decoded.toString('hex'), '41eda080ffffefbfbd42ff')
  }
})

t.test('a large file with one bad unit keeps all others', async (t) => {
  const half = Buffer.from('grün 😀,x\n'.repeat(50_000), 'utf16le')
  const decoded = await drain(
    decode('UTF-16LE', new Chunks(Buffer.concat([half, Buffer.from([0, 0xdc]), half]))),
  )
  const text = Buffer.from(half.toString('utf16le'))
  t.ok(decoded.equals(Buffer.concat([text, Buffer.from([0xed, 0xb0, 0x80]), text])))
})

/** Bytes as hex. */
const OTHERS: [encoding: string, bytes: string, text: string][] = [
  ['CP437', '4b84730041e19b0a', 'Käs\0Aß¢\n'],
  ['CP850', '4b8473d50a', 'Käsı\n'],
  ['macintosh', '4b8a73db0a', 'Käs€\n'],
  ['mac-cyrillic', 'a2b6ff', 'Ґґ€'],
  ['Big5-HKSCS', '41a44a42fa40', 'A入B𠕇'],
  ['CESU-8', '41eda0bdedb8804b', 'A😀K'],
]
for (const [encoding, bytes, text] of OTHERS) {
  t.test(`${encoding} is decoded`, async (t) => {
    t.ok(isDecodable(encoding))
    for (const size of SIZES) {
      const decoded = await drain(decode(encoding, new Chunks(Buffer.from(bytes, 'hex'), size)))
      t.equal(decoded.toString(), text, `in chunks of ${size}`)
    }
  })
}

/** What is not in the encoding becomes a byte that UTF-8 does not hold. */
const INVALID: [encoding: string, bytes: string, utf8: string][] = [
  ['US-ASCII', '4180420a', '41ff420a'],
  ['windows-1253', '41aaff42', '41ffff42'],
  ['Big5-HKSCS', '41a44affff42', '41e585a5ffff42'],
  ['Big5-HKSCS', '41a4', '41ff'],
  ['CESU-8', '41eda0bd4180', '41eda0bd41ff'],
]
for (const [encoding, bytes, utf8] of INVALID) {
  t.test(`${encoding} with bytes that are not in it (${bytes}) does not become valid text`, async (t) => {
    const decoded = await drain(decode(encoding, new Chunks(Buffer.from(bytes, 'hex'))))
    t.equal(decoded.toString('hex'), utf8)
  })
}

t.test('encodings of one byte are what iconv says they are', async (t) => {
  const lines = Array.from({ length: 256 }, (_, byte) => Buffer.from([byte, 10]))
  for (const encoding of ['CP437', 'CP850', 'CP852', 'CP858', 'CP865', 'KOI8-T', 'TIS-620']) {
    const options = { input: Buffer.concat(lines) }
    const { error, stdout } = spawnSync('iconv', ['-c', '-f', encoding, '-t', 'UTF-8'], options)
    if (error) return t.comment('there is no iconv here')
    const decoded = await drain(decode(encoding, new Chunks(options.input, 50)))
    // iconv leaves out what is not in the encoding.
    t.equal(decoded.toString().replaceAll('\ufffd', ''), stdout.toString(), encoding)
  }
})

t.test('what is no encoding of text is not decodable', async (t) => {
  for (const name of ['nonsense', '', 'base64', 'hex', 'binary', 'UTF-8', 'constructor', 'UTF-7'])
    t.notOk(isDecodable(name), name)
  for (const name of ['UTF-16', 'utf_16_le', 'UTF-32BE', 'cp 437', 'IBM850', 'Macintosh'])
    t.ok(isDecodable(name), name)
})

t.test('whoever stops early gives back what is below, whose errors stay what they are', async (t) => {
  for (const encoding of ['UTF-16LE', 'CP437']) {
    const chunks = new Chunks(Buffer.alloc(100_000, 'a\0'), 1000)
    await takeOne(decode(encoding, chunks), chunks, () => t.equal(chunks.taken, 1))
    t.ok(chunks.returned)
    const error = new Error('broken')
    await t.rejects(drain(decode(encoding, breaking(Buffer.from('a\0b\0'), error))), error)
  }
})
