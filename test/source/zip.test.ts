import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import t from 'tap'
import { type Options, ZipFile } from 'yazl'
import { openZip } from '../../lib/source/compressed/zip.js'
import { file, realFiles } from '../support/files.js'
import { MemoryOrigin } from '../support/memory-origin.js'
import { noise } from '../support/noise.js'
import { drain, settled } from '../support/streams.js'

const PRODUCTS = readFileSync(realFiles.products)

interface Packed {
  /** Path and content; a path that ends with a slash is a folder. */
  readonly [path: string]: string | Buffer
}

function pack(files: Packed, options: Partial<Options> = {}, zip64 = false): Promise<Buffer> {
  const archive = new ZipFile()
  for (const [path, content] of Object.entries(files)) {
    if (path.endsWith('/')) archive.addEmptyDirectory(path)
    else archive.addBuffer(Buffer.from(content), path, options)
  }
  archive.end({ forceZip64Format: zip64, comment: '' })
  return drain(archive.outputStream as unknown as AsyncIterable<Uint8Array>)
}

const read = async (bytes: Buffer, member?: string) =>
  drain((await openZip(new MemoryOrigin(bytes), member)).stream())

const ARCHIVES: [name: string, bytes: () => Promise<Buffer>][] = [
  ['deflated', () => pack({ 'products.csv': PRODUCTS })],
  ['stored', () => pack({ 'products.csv': PRODUCTS }, { compress: false })],
  ['zip64', () => pack({ 'products.csv': PRODUCTS }, { forceZip64Format: true }, true)],
]
for (const [name, bytes] of ARCHIVES) {
  t.test(`the only entry of an archive, ${name}`, async (t) => {
    const packed = await bytes()
    const entry = await openZip(new MemoryOrigin(packed))
    t.match(entry, { name: 'products.csv', size: PRODUCTS.length, crc: crc32(PRODUCTS) })
    const text = entry.stream()
    t.equal(text.compressedBytes, 0)
    t.ok((await drain(text)).equals(PRODUCTS))
    t.equal(text.compressedBytes, entry.compressedSize)
    t.ok((await drain(entry.stream())).equals(PRODUCTS), 'and once more')
    const { error, stdout } = spawnSync('unzip', ['-p', file(t, packed, 'a.zip')], { maxBuffer: 2 ** 30 })
    if (!error) t.ok(stdout.equals(PRODUCTS), 'unzip reads the same')
  })
}

t.test('an entry of many pieces is read in order', async (t) => {
  const large = noise(5_000_001)
  for (const compress of [true, false]) {
    t.ok((await read(await pack({ 'large.csv': large }, { compress }))).equals(large))
  }
})

t.test('an empty entry is text without bytes', async (t) => {
  t.equal((await read(await pack({ 'empty.csv': '' }))).length, 0)
  t.equal((await read(await pack({ 'empty.csv': '' }, { compress: false }))).length, 0)
})

t.test('folders and what a Mac adds do not count', async (t) => {
  const bytes = await pack({
    'data/': '',
    'data/.DS_Store': 'x',
    '__MACOSX/data/._products.csv': 'x',
    'data/products.csv': 'sku\n',
  })
  t.equal(`${await read(bytes)}`, 'sku\n')
})

t.test('of several entries one is named', async (t) => {
  const bytes = await pack({ 'a.csv': 'a\n', 'data/b.csv': 'b\n', 'data/größe c.csv': 'c\n' })
  t.equal(`${await read(bytes, 'data/b.csv')}`, 'b\n')
  t.equal(`${await read(bytes, 'data/größe c.csv')}`, 'c\n')
  await t.rejects(openZip(new MemoryOrigin(bytes)), {
    code: 'ZIP_SEVERAL_ENTRIES',
    message: /archive\.zip holds 3 files: a\.csv, data\/b\.csv, data\/größe c\.csv/,
    hint: /archive\.zip#a\.csv/,
    details: { entries: ['a.csv', 'data/b.csv', 'data/größe c.csv'] },
  })
  await t.rejects(openZip(new MemoryOrigin(bytes), 'data/B.csv'), {
    code: 'ZIP_NO_ENTRY',
    message: /no entry "data\/B\.csv"/,
    hint: /archive\.zip#data\/b\.csv/,
  })
  await t.rejects(openZip(new MemoryOrigin(bytes), 'data/'), { code: 'ZIP_NO_ENTRY' })
})

t.test('of many entries an error shows a few, and a directory costs few reads', async (t) => {
  const names = Array.from({ length: 2000 }, (_, index) => `part-${index}.csv`)
  const bytes = await pack(Object.fromEntries(names.map((name) => [name, name])))
  const origin = new MemoryOrigin(bytes)
  await t.rejects(openZip(origin), { message: /part-9\.csv and 1990 more$/ })
  t.ok(origin.reads < 5, `${origin.reads} reads`)
  t.equal(`${await read(bytes, 'part-1999.csv')}`, 'part-1999.csv')
})

t.test('an archive without files', async (t) => {
  for (const files of [{}, { 'folder/': '' }] as Packed[]) {
    await t.rejects(openZip(new MemoryOrigin(await pack(files))), { code: 'ZIP_NO_ENTRY' })
  }
})

/** Changes the archive's only entry, in its directory at an offset and in front of its bytes at another. */
async function patched(inDirectory: number, inFront: number, value: number): Promise<Buffer> {
  const bytes = await pack({ 'products.csv': PRODUCTS })
  bytes.writeUInt16LE(value, bytes.indexOf('PK\x01\x02', 0, 'latin1') + inDirectory)
  bytes.writeUInt16LE(value, inFront)
  return bytes
}

t.test('an encrypted entry, and one of another method, say what to do', async (t) => {
  await t.rejects(openZip(new MemoryOrigin(await patched(8, 6, 1))), {
    code: 'ZIP_ENCRYPTED',
    message: /archive\.zip#products\.csv/,
    hint: /unzip -p/,
  })
  await t.rejects(openZip(new MemoryOrigin(await patched(10, 8, 9))), {
    code: 'UNSUPPORTED_FORMAT',
    message: /Deflate64/,
    hint: /7z x/,
  })
})

t.test('a pipe, and a server that sends no parts, say what to do', async (t) => {
  const bytes = await pack({ 'a.csv': 'a\n' })
  await t.rejects(openZip(new MemoryOrigin(bytes, 'pipe', false)), {
    code: 'ZIP_NOT_SEEKABLE',
    hint: /unzip -p .* \| dasy ingest -/,
  })
  await t.rejects(openZip(new MemoryOrigin(bytes, 'http', false)), {
    code: 'ZIP_NOT_SEEKABLE',
    hint: /curl/,
  })
})

t.test('an archive that was cut off, or is none, is an error', async (t) => {
  const bytes = await pack({ 'products.csv': PRODUCTS })
  for (const length of [0, 10, 1000, bytes.length - 30, bytes.length - 1]) {
    const cut = new MemoryOrigin(bytes.subarray(0, length))
    await t.rejects(openZip(cut), { code: 'CORRUPT_SOURCE', message: /archive\.zip/ }, `of ${length} bytes`)
  }
})

t.test('text that is not what the archive states is an error at its end', async (t) => {
  const directory = (bytes: Buffer) => bytes.indexOf('PK\x01\x02', 0, 'latin1')
  for (const [what, compress, offset] of [
    ['checksum', true, 16],
    ['checksum', false, 16],
    ['size', true, 24],
  ] as const) {
    for (const by of [1, -1]) {
      const bytes = await pack({ 'products.csv': PRODUCTS }, { compress })
      const at = directory(bytes) + offset
      bytes.writeUInt32LE((bytes.readUInt32LE(at) + by) >>> 0, at)
      await t.rejects(read(bytes), { code: 'CORRUPT_SOURCE', message: /archive\.zip#products\.csv/ }, what)
    }
  }
  const bytes = await pack({ 'products.csv': PRODUCTS })
  bytes[60] = (bytes[60] as number) ^ 1
  await t.rejects(read(bytes), { code: 'CORRUPT_SOURCE' })
})

t.test('an error of what is below stays what it is', async (t) => {
  const bytes = await pack({ 'large.csv': noise(5_000_000) })
  const origin = new MemoryOrigin(bytes)
  const entry = await openZip(origin)
  origin.breaksAt = 3_000_000
  await t.rejects(drain(entry.stream()), { message: 'the disk is gone' })
})

t.test('whoever stops early stops the reading', async (t) => {
  for (const compress of [true, false]) {
    const origin = new MemoryOrigin(await pack({ 'large.csv': noise(20_000_000) }, { compress }))
    const entry = await openZip(origin)
    for await (const _ of entry.stream()) break
    const { reads } = origin
    t.equal(await settled(() => origin.reads), reads)
    t.ok(reads < 8, `${reads} reads`)
  }
})
