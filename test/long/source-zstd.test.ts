import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { decompress } from '../../lib/source/compressed/compression.js'
import { realFiles } from '../support/files.js'
import { breaking, Chunks, drain, settled, takeOne } from '../support/streams.js'

/** Made by `zstd -19`, with its checksum. */
const COMPRESSED = Buffer.from(
  'KLUv/QRoxR4ApvxyE7Cl0AZ4IRY0SV1kd/dOLEDE5XRuAGoAbABEIg7xQnwQb+JLfCD+hjasIQ1neBnG0MN3+DD8CW/Cl/Ak' +
    'HKEIQ2jhKwzCC96Cr+Ap+Alego+ggw2G4Jk3s0wyP+bFfJi3+ZoP5pVWVknlp5Qy3FDeZ/yLJ+JneBH+H0TwH9j8oOUgCAIE' +
    'AAYGIRflK0qKcqKUKKO8o2yUIXquueWSy4vLcGmXdRlctrSW1E4rbbRu+bYMLS9YqEChnFCG8hHKOzSE3vF2rCMd5yjHx9HH' +
    'Hh+OP+PN+DKejB+jGMNoY40PxisWX8VT8VO8FB/Fu9hiKB7RiK911VRPLXXUrluHmhdswRVMwRMswRHs4AaH4Du7OrrOycX5' +
    'euHKn5VmZVlJVo6VVoaVbrBe1aqs8lTlVClVRpVVvlWGKq2oRB0qqXxQaSpLZaDyppyyphyZxtRTTvkw5UlpUpaUJKWUIqUr' +
    'DdJ3dnV0c3Jxvl44n9nMLDOZxyzmMNtcczBf2cpVpvKUKeUou9xyKB/ZyEUm8pCFHGSTWXIg39jGNabxjGUcY487DuMT08Ql' +
    'JvGIRRxiiysO4gtbuMIU5oQlHGGHGw7hs80um+yxxQ6btmsH+2oLgT+oURCFt6U5gYVECaybfBEgCENgYALGmERUVdyEWQc1' +
    'ac5kU8+fdtiTUkhJz2z9b8favKqskjbbev+O6XmlWSV6tun/LdazVbOU9MzW/3aszavKKmmzrffvmJ5XmlWiZ5v+32I9WzVL' +
    'Sc9s/W9H11TTF9NmnWqi6QxpYv5I2RC38JkJWvPokDRY8LxnD3NWhVD3MkiX/0mZ5I8ra+D+fcB1HEUJQeFAI9uOR/cpRrRH' +
    'CQTlfxwm8ceXNXE/H0hQQMcJScueiW2IR+8URrQSCTHkb+gl8ceXNXE/H0hQ2MYJSSudiW2IR+8URrTeCFEb33ezy8z+Y/kh' +
    'DvE5HoNR4JAzi24WXV1xVMWMSPEtN+PL7D+WH+IQn5HgFQwKoeoZl+1/uPXQSYcbHMaaDRf9vBxznPcLAW3hqwofj7cwqKNn' +
    'CD+DEDp5cE6DTZy/YsZ/N7AnD2xC/eFtd65r09XmvnInbqyPY8jN7N+DnVjyorQn1DHo6Oe8ciaOXBNi9P7YMwOdMP/wsjvq' +
    'mnQ1c3+5E1euxPh6Y+yZgU6Yf3jZHXVNupq5v9yJm+tjDL0Z+2ewE+cfXnZHXZOuZu4vd+LKlRhfb4w9M9AJ8w8vu6OuSVcj' +
    '94c7bnN9jKE3Y/8I9uH8DDlWM4I0ZzXexDhK4893gasthd/Fi53ZIuhdokUXCJAE9V343QWqQVcFBrY3tQ==',
  'base64',
)
const TEXT = Buffer.from(
  Array.from({ length: 300 }, (_, i) => `${i},name ${i % 7},${'x'.repeat(i % 13)}\n`).join(''),
)

/** A frame built by hand, without checksum: each block is text as it is, or a byte and how often it is repeated. */
function frame(...blocks: (string | [byte: string, times: number])[]): Buffer {
  const parts = blocks.map((block, index) => {
    const content = Buffer.from(typeof block === 'string' ? block : block[0])
    const [kind, size] = typeof block === 'string' ? [0, content.length] : [1, block[1]]
    const header = Buffer.alloc(3)
    header.writeUIntLE((size << 3) | (kind << 1) | (index === blocks.length - 1 ? 1 : 0), 0, 3)
    return Buffer.concat([header, content])
  })
  // A window of 1 MiB.
  return Buffer.concat([Buffer.from('28b52ffd0050', 'hex'), ...parts])
}

function skippable(length: number): Buffer {
  const header = Buffer.from('5a2a4d1800000000', 'hex')
  header.writeUInt32LE(length, 4)
  return Buffer.concat([header, Buffer.alloc(length, 'x')])
}

const zstd = (input: Uint8Array, ...args: string[]) =>
  spawnSync('zstd', ['-q', '-c', ...args], { input, maxBuffer: 2 ** 30 }).stdout
const noZstd = spawnSync('zstd', ['--version']).error ? { skip: 'there is no zstd here' } : {}

const FRAMES = Buffer.concat([
  skippable(4),
  frame('sku\n'),
  COMPRESSED,
  frame(''),
  skippable(100_000),
  frame('a', ['b', 100_000], 'c', ['d', 1]),
  COMPRESSED,
  skippable(0),
])
const FRAMES_TEXT = Buffer.concat([
  Buffer.from('sku\n'),
  TEXT,
  Buffer.from(`a${'b'.repeat(100_000)}cd`),
  TEXT,
])

for (const size of [1, 2, 3, 5, 7, 1000, 2 ** 30]) {
  t.test(`frames one behind the other, in chunks of ${size} bytes`, async (t) => {
    const text = decompress('zstd', new Chunks(FRAMES, size), 'a.zst')
    t.ok((await drain(text)).equals(FRAMES_TEXT))
    t.equal(text.compressedBytes, FRAMES.length)
  })
}

t.test('what zstd reads as well, byte by byte the same', noZstd, async (t) => {
  t.ok(zstd(FRAMES, '-d').equals(FRAMES_TEXT))
  const products = readFileSync(realFiles.products)
  for (const level of ['-1', '-3', '-19', '--fast=5', '--no-check', '--long=27', '--ultra']) {
    const compressed = Buffer.concat([zstd(products, level), zstd(products.subarray(0, 99), level)])
    const text = await drain(decompress('zstd', new Chunks(compressed, 10_000), 'a.zst'))
    t.ok(text.equals(Buffer.concat([products, products.subarray(0, 99)])), level)
  }
})

t.test('a file that was cut off anywhere is an error', async (t) => {
  const whole = Buffer.concat([frame('sku\n'), COMPRESSED])
  const first = frame('sku\n').length
  for (const length of [1, 4, 5, 6, 8, 10, first + 1, first + 9, whole.length - 5, whole.length - 1]) {
    const reading = drain(decompress('zstd', new Chunks(whole.subarray(0, length), 50), 'cut.zst'))
    await t.rejects(reading, { code: 'CORRUPT_SOURCE', message: /cut\.zst/ }, `of ${length} bytes`)
  }
})

t.test('no changed bit of the content goes unnoticed', async (t) => {
  for (let at = 6; at < COMPRESSED.length; at += 5) {
    const bytes = Buffer.from(COMPRESSED)
    bytes[at] = (bytes[at] as number) ^ (1 << (at % 8))
    const read = await drain(decompress('zstd', new Chunks(bytes), 'bad.zst')).catch((error) => error)
    // Some bits mean nothing.
    const isNoticed = read.code === 'CORRUPT_SOURCE' || (Buffer.isBuffer(read) && read.equals(TEXT))
    t.ok(isNoticed, `byte ${at}`)
  }
})

t.test('anything else behind a frame is an error', async (t) => {
  for (const garbage of ['garbage', '\0', 'abc']) {
    const bytes = Buffer.concat([COMPRESSED, Buffer.from(garbage)])
    await t.rejects(drain(decompress('zstd', new Chunks(bytes), 'a.zst')), {
      code: 'CORRUPT_SOURCE',
      details: { byte: TEXT.length },
    })
  }
})

t.test('what needs a dictionary, or too much memory, says so', async (t) => {
  const withDictionary = Buffer.from('28b52ffd0758ad5cc11a9500003868656c6c6f200a02fcf6030097fc6726', 'hex')
  await t.rejects(drain(decompress('zstd', new Chunks(withDictionary), 'a.zst')), {
    code: 'UNSUPPORTED_FORMAT',
    hint: /zstd -dc -D/,
  })
  const withLargeWindow = Buffer.from('28b52ffd00900100', 'hex')
  await t.rejects(drain(decompress('zstd', new Chunks(withLargeWindow), 'a.zst')), {
    code: 'UNSUPPORTED_FORMAT',
    hint: /zstd -dc --long/,
  })
})

t.test('an error of what is below stays what it is', async (t) => {
  const error = new Error('the connection broke')
  await t.rejects(drain(decompress('zstd', breaking(COMPRESSED.subarray(0, 300), error), 'a.zst')), error)
})

t.test('a slow consumer stops the producer, and whoever stops early gives it back', async (t) => {
  const block: [string, number] = ['a', 100_000]
  const chunks = new Chunks(frame(...Array.from({ length: 10_000 }, () => block)), 16)
  await takeOne(decompress('zstd', chunks, 'a.zst'), chunks, () => {
    t.ok(chunks.taken < 100, `${chunks.taken} chunks were taken`)
    t.notOk(chunks.returned)
  })
  t.ok(chunks.returned)
  const { taken } = chunks
  t.equal(await settled(() => chunks.taken), taken)
})
