/** What was made to fill memory or disk, in a process of its own, whose memory is looked at. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { file } from '../support/files.js'

const lib = (path: string) => fileURLToPath(new URL(`../../dist/source/${path}.js`, import.meta.url))
const MIB = 1024 * 1024

/** Runs `raw`, an expression of a stream of compressed bytes, through decompression and limits. */
function run(t: Parameters<typeof file>[0], codec: string, raw: string, limits: object) {
  const script = `
    import { gzipSync } from 'node:zlib'
    const { decompress } = await import(${JSON.stringify(lib('compressed/compression'))})
    const { limited } = await import(${JSON.stringify(lib('limits'))})
    async function* raw() { ${raw} }
    const text = decompress('${codec}', raw(), 'bomb')
    const limits = { ...${JSON.stringify(limits)}, name: 'bomb', compressedBytes: () => text.compressedBytes }
    let size = 0, memory = 0, code
    try {
      for await (const chunk of limited(text, limits)) {
        size += chunk.length
        memory = Math.max(memory, process.memoryUsage().rss)
      }
    } catch (error) { code = error.code ?? error }
    console.log(JSON.stringify({ size, memory, code }))
  `
  const { NODE_OPTIONS: _, ...env } = process.env
  const { stdout, stderr } = spawnSync(process.execPath, [file(t, script, 'bomb.mjs')], {
    env,
    encoding: 'utf8',
  })
  if (!stdout) throw new Error(stderr)
  return JSON.parse(stdout) as { size: number; memory: number; code: string | undefined }
}

const usual = { maxSize: 2 ** 40, maxRatio: 1000 }
/** 10 GB of zeros. */
const GZIP = 'const member = gzipSync(Buffer.alloc(2 ** 26)); for (let i = 0; i < 160; i++) yield member'
/** 32 GB of them in each MiB: blocks that say how often to repeat a byte. */
const ZSTD = `
  yield Buffer.from('28b52ffd0050', 'hex')
  const block = Buffer.from('02001000', 'hex')
  for (;;) yield Buffer.alloc(2 ** 20, block)`

t.test('a gzip of zeros is stopped after 64 MiB', async (t) => {
  const { size, memory, code } = run(t, 'gzip', GZIP, usual)
  t.equal(code, 'SUSPICIOUS_COMPRESSION')
  t.ok(size < 65 * MIB)
  t.ok(memory < 256 * MIB, `${memory} bytes of memory`)
})

t.test('a zstd of zeros is stopped after 64 MiB', async (t) => {
  const { size, memory, code } = run(t, 'zstd', ZSTD, usual)
  t.equal(code, 'SUSPICIOUS_COMPRESSION')
  t.ok(size < 65 * MIB)
  t.ok(memory < 256 * MIB, `${memory} bytes of memory`)
})

t.test('without a limit of growth it is stopped at its size, in the same memory', async (t) => {
  for (const [codec, raw] of [
    ['gzip', GZIP],
    ['zstd', ZSTD],
  ] as const) {
    const { size, memory, code } = run(t, codec, raw, { maxSize: 2 ** 31, maxRatio: 1e9 })
    t.equal(code, 'SOURCE_TOO_LARGE')
    t.ok(size > 2 ** 31 - MIB && size <= 2 ** 31, `${size} bytes of text`)
    t.ok(memory < 384 * MIB, `${memory} bytes of memory`)
  }
})

t.test('sources that wait for their turn, or have had it, hold no memory', async (t) => {
  const content = gzipSync(`sku,name\n${'1,some name\n'.repeat(200_000)}`)
  const names = Array.from({ length: 40 }, () => file(t, content))
  const script = `
    import { setTimeout as sleep } from 'node:timers/promises'
    const { Sources } = await import(${JSON.stringify(lib('../ranges/sources'))})
    const held = []
    async function measure() {
      for (let round = 0; round < 3; round++) { await sleep(50); gc() }
      held.push(process.memoryUsage().arrayBuffers)
    }
    const settings = { limits: { maxSize: 2 ** 40, maxRatio: 1000 }, tuning: { retryMs: 0 } }
    const sources = await Sources.open(${JSON.stringify(names)}, settings, {})
    await measure()
    for (const source of sources.all) { await source.head(2 ** 20); await source.rest() }
    await measure()
    const into = new Uint8Array(2 ** 20)
    for (const source of sources.all) {
      for (let at = 0, length = into.length; length === into.length; at += length) length = await source.read(into, at)
    }
    await measure()
    console.log(JSON.stringify(held))
    process.exit()
  `
  const { NODE_OPTIONS: _, ...env } = process.env
  const path = file(t, script, 'many.mjs')
  const { stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', path], { env, encoding: 'utf8' })
  const held = JSON.parse(stdout || '[]') as number[]
  t.equal(held.length, 3, stderr)
  for (const bytes of held) t.ok(bytes < 8 * MIB, `${bytes} bytes`)
})
