import { readFileSync, statfsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Served } from '../service/served.js'

/** However large a file is, the service has a few pieces of it in memory. */

const MiB = 1024 ** 2
const SIZE = Math.round(2048 * Number(process.env.DASY_LONG_SHARE ?? 1)) * MiB
/** What the service may need for it: less than any of the files here has. */
const MOST = 128 * MiB

const free = statfsSync('.')
const skip = free.bavail * free.bsize < 3 * SIZE && 'the disk has no room'

/** Lines of one key. */
function bytes(): ReadableStream<Uint8Array> {
  const piece = Buffer.from('a,Ann\n'.repeat(MiB)).subarray(0, MiB)
  let left = SIZE
  return new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close()
      left -= piece.length
      controller.enqueue(piece)
    },
  })
}

/** The most memory that the service has had so far. */
function peak({ process }: Served): number {
  const [, kilobytes] = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${process?.pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * 1024
}

async function grows(t: Test, served: Served, send: () => Promise<void>): Promise<void> {
  const before = peak(served)
  await send()
  const grown = peak(served) - before
  t.comment(`${Math.round(before / MiB)} MiB, and ${Math.round(grown / MiB)} more`)
  t.ok(grown < MOST, `${SIZE / MiB} MiB are received in ${MOST / MiB}`, { grown })
}

t.test('a large upload', { skip }, async (t) => {
  // The files are only received: what a load takes is another test's.
  const served = await Served.of(t, '--no-work')
  const folder = join(served.home, 'uploads')
  await served.json('GET', '/v1/runs')

  await t.test('by tus', async (t) => {
    const headers = { 'tus-resumable': '1.0.0' }
    const length = { 'upload-length': `${SIZE}` }
    const begun = await served.fetch('POST', '/v1/uploads', { headers: { ...headers, ...length } })
    const path = begun.headers.get('location') as string
    await grows(t, served, async () => {
      const type = { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' }
      const answer = await served.fetch('PATCH', path, { headers: { ...headers, ...type }, body: bytes() })
      t.equal(answer.status, 204)
    })
    t.equal((await stat(join(folder, path.split('/').at(-1) as string))).size, SIZE)
    t.equal((await served.fetch('DELETE', path, { headers })).status, 204)
  })

  await t.test('as the body', async (t) => {
    await grows(t, served, async () => {
      await served.json('POST', '/v1/runs?header=false&columns=sku&columns=name', {
        body: bytes(),
        status: 202,
      })
    })
    const path = await served.db.value<string>('SELECT path FROM dasy.sources')
    t.equal((await stat(path)).size, SIZE)
  })
})
