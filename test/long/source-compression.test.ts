import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import t from 'tap'
import { decompress } from '../../lib/source/compressed/compression.js'
import { file, realFiles } from '../support/files.js'
import { noise } from '../support/noise.js'
import { breaking, Chunks, drain, settled, takeOne } from '../support/streams.js'

const PRODUCTS = readFileSync(realFiles.products)
const LARGE = Buffer.concat(Array.from({ length: 200 }, () => PRODUCTS))

const members = Buffer.concat([gzipSync('sku\n'), gzipSync(''), gzipSync(PRODUCTS), gzipSync('end\n')])
const membersText = Buffer.concat([Buffer.from('sku\n'), PRODUCTS, Buffer.from('end\n')])

for (const size of [1, 2, 3, 7, 1000, 65_536, 2 ** 30]) {
  t.test(`members one behind the other, in chunks of ${size} bytes`, async (t) => {
    const text = decompress('gzip', new Chunks(members, size), 'a.gz')
    t.ok((await drain(text)).equals(membersText))
    t.equal(text.compressedBytes, members.length)
  })
}

t.test('a large file is what zlib and gzip make of it', async (t) => {
  const compressed = gzipSync(LARGE, { level: 1 })
  const text = await drain(decompress('gzip', new Chunks(compressed), 'a.gz'))
  t.ok(text.equals(gunzipSync(compressed)))
  const { error, stdout } = spawnSync('gzip', ['-dc', file(t, compressed)], { maxBuffer: 2 ** 30 })
  if (!error) t.ok(text.equals(stdout))
})

const noGzip = spawnSync('gzip', ['--version']).error ? { skip: 'there is no gzip here' } : {}
t.test('what gzip and cat make of two files', noGzip, async (t) => {
  const both = Buffer.concat([1, 9].map((level) => execFileSync('gzip', [`-${level}`], { input: PRODUCTS })))
  t.ok(
    (await drain(decompress('gzip', new Chunks(both), 'a.gz'))).equals(Buffer.concat([PRODUCTS, PRODUCTS])),
  )
})

for (const size of [1, 10, 10_000]) {
  t.test(`zeros behind the last member are padding, in chunks of ${size} bytes`, async (t) => {
    const padded = Buffer.concat([gzipSync('sku\n'), Buffer.alloc(1000)])
    t.equal(`${await drain(decompress('gzip', new Chunks(padded, size), 'a.gz'))}`, 'sku\n')
  })
}

const GARBAGE: [name: string, bytes: Buffer][] = [
  ['text', Buffer.from('garbage')],
  ['a lone byte', Buffer.from('g')],
  ['half of a header', gzipSync('').subarray(0, 4)],
  ['zeros and then text', Buffer.from('\0\0\0garbage')],
  ['zeros and then a member', Buffer.concat([Buffer.alloc(9), gzipSync('more\n')])],
]
for (const [name, garbage] of GARBAGE) {
  for (const size of [1, 30, 10_000]) {
    t.test(`behind the last member, ${name} is an error, in chunks of ${size} bytes`, async (t) => {
      const bytes = Buffer.concat([gzipSync('sku\n'), garbage])
      const reading = drain(decompress('gzip', new Chunks(bytes, size), 'a.gz'))
      await t.rejects(reading, { code: 'CORRUPT_SOURCE', message: /^a\.gz / })
    })
  }
}

t.test('a file that was cut off anywhere is an error', async (t) => {
  const whole = gzipSync(PRODUCTS)
  for (const length of [0, 1, 5, 10, 11, 5000, whole.length - 8, whole.length - 1]) {
    const cut = new Chunks(whole.subarray(0, length), 1000)
    const reading = drain(decompress('gzip', cut, 'cut.gz'))
    await t.rejects(reading, { code: 'CORRUPT_SOURCE', message: /cut\.gz/ }, `of ${length} bytes`)
  }
})

t.test('a changed byte is an error, and how much was good before is told', async (t) => {
  const bytes = gzipSync(noise(5_000_000))
  bytes[4_000_000] = (bytes[4_000_000] as number) ^ 1
  let seen = 0
  const reading = (async () => {
    for await (const chunk of decompress('gzip', new Chunks(bytes), 'bad.gz')) seen += chunk.length
  })()
  const error = await reading.catch((error) => error)
  t.equal(error.code, 'CORRUPT_SOURCE')
  t.equal(error.details.byte, seen)
  t.match(error.message, `${seen} bytes`)
  t.ok(seen > 3_000_000)
})

t.test('an error of what is below stays what it is', async (t) => {
  const error = Object.assign(new Error('the connection broke'), { code: 'READ_FAILED' })
  await t.rejects(
    drain(decompress('gzip', breaking(gzipSync(PRODUCTS).subarray(0, 900), error), 'a.gz')),
    error,
  )
})

t.test('a slow consumer stops the producer, and whoever stops early gives it back', async (t) => {
  const chunks = new Chunks(gzipSync(LARGE, { level: 1 }))
  await takeOne(decompress('gzip', chunks, 'a.gz'), chunks, () => {
    t.ok(chunks.taken < 20, `${chunks.taken} chunks were taken`)
    t.notOk(chunks.returned)
  })
  t.ok(chunks.returned)
  const { taken } = chunks
  t.equal(await settled(() => chunks.taken), taken)
  t.notMatch(process.getActiveResourcesInfo(), ['Zlib'])
})
