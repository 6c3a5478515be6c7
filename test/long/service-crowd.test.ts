import { readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import * as tus from 'tus-js-client'
import { Served } from '../service/served.js'

/** Two hundred uploads at once, from a byte to some MB: none is lost, none is mixed with another, and nothing is left of them. */

const UPLOADS = 200
const TABLES = 4
const MOST_RECORDS = 40_000
/** The less of the test is run, the fewer of the large ones there are. */
const STEEPNESS = 4 / Number(process.env.DASY_LONG_SHARE ?? 1)

/** The first ones are of one byte. */
const SMALLEST = 10

interface Sent {
  readonly number: number
  readonly records: number
  readonly body: Buffer
  readonly table: string
  readonly columns: string
}

function make(number: number): Sent {
  const table = `crowd_${number % TABLES}`
  if (number < SMALLEST)
    return { number, records: 1, body: Buffer.from(`${number}`), table, columns: 'columns=sku' }
  const records = Math.ceil((number / UPLOADS) ** STEEPNESS * MOST_RECORDS)
  const lines = Array.from({ length: records }, (_, n) => `${number}-${n},${'x'.repeat(90)}\n`)
  return { number, records, body: Buffer.from(lines.join('')), table, columns: 'columns=sku&columns=name' }
}

interface Receipt {
  readonly run: number
  readonly status: string
  readonly bytes: number
  readonly rows: { readonly inserted: number }
}

/** A load that is tried again, as one and the same, if the service is too busy for it. */
async function load(
  served: Served,
  key: string,
  { table, columns }: Sent,
  request: object,
): Promise<Receipt> {
  const path = `/v1/runs?wait=true&header=false&key=sku&table=${table}&${columns}`
  for (;;) {
    const answer = await served.fetch('POST', path, { ...request, headers: { 'idempotency-key': key } })
    const said = (await answer.json()) as Receipt
    if (answer.status === 200) return said
    if (answer.status !== 503) throw new Error(`upload ${key}: ${answer.status} ${JSON.stringify(said)}`)
    await sleep(1000 * Number(answer.headers.get('retry-after')))
  }
}

/** @returns the ID of an upload by tus */
function send(served: Served, { body }: Sent): Promise<string> {
  return new Promise((resolve, reject) => {
    const upload = new tus.Upload(body as never, {
      endpoint: `${served.url}/v1/uploads`,
      headers: { authorization: `Bearer ${served.token}` },
      chunkSize: 512 * 1024,
      retryDelays: Array.from({ length: 20 }, () => 2000),
      onError: reject,
      onSuccess: () => resolve(upload.url?.split('/').at(-1) as string),
    })
    upload.start()
  })
}

/** The files in a folder that a process has open. */
function openFiles(pid: number, folder: string): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
    try {
      const path = readlinkSync(`/proc/${pid}/fd/${descriptor}`)
      return path.startsWith(folder) ? [path] : []
    } catch {
      return []
    }
  })
}

t.test(`${UPLOADS} uploads at once`, async (t) => {
  const served = await Served.of(t)
  const { db, home } = served
  const folder = join(home, 'uploads')
  const all = Array.from({ length: UPLOADS }, (_, number) => make(number))
  const isKept = ({ number }: Sent): boolean => number % 8 === 3
  const results = await Promise.all(
    all.map(async (sent) => {
      const { number, body } = sent
      if (number % 2 === 0) return { sent, receipt: await load(served, `${number}`, sent, { body }) }
      const upload = await send(served, sent)
      return { sent, upload }
    }),
  )

  const kept: string[] = []
  for (const { sent, upload, receipt } of results) {
    const { number, records, body } = sent
    if (upload !== undefined && isKept(sent)) {
      const headers = { 'tus-resumable': '1.0.0' }
      const record = await served.fetch('HEAD', `/v1/uploads/${upload}`, { headers })
      const [offset, length] = [record.headers.get('upload-offset'), record.headers.get('upload-length')]
      if (offset !== `${body.length}` || length !== offset) t.fail(`upload ${number}: ${offset} of ${length}`)
      kept.push(upload)
      continue
    }
    // One by one: two hundred waited at once already.
    const loaded = receipt ?? (await load(served, `${number}`, sent, { json: { upload } }))
    t.match(loaded, { status: 'completed', bytes: body.length, rows: { inserted: records } }, `${number}`)
  }

  const loaded = all.filter((sent) => !isKept(sent))
  t.equal(await db.value(`SELECT count(*) FROM dasy.runs WHERE state = 'ended'`), loaded.length)
  for (let table = 0; table < TABLES; table += 1) {
    const expected = loaded.filter((sent) => sent.number % TABLES === table)
    t.same(
      await db.rows(
        `SELECT split_part(sku, '-', 1)::int AS number, count(*)::int AS records,
                bool_and(name IS NOT DISTINCT FROM CASE WHEN length(sku) > 1 THEN repeat('x', 90) END) AS whole
           FROM crowd_${table}
          GROUP BY 1
          ORDER BY 1`,
      ),
      expected.map(({ number, records }) => ({ number, records, whole: true })),
      `table ${table}`,
    )
  }

  const left = (): string[] => readdirSync(folder).filter((name) => !name.endsWith('.json'))
  for (let tries = 0; tries < 300 && left().length > kept.length; tries += 1) await sleep(100)
  t.same(left().sort(), kept.sort(), 'only those are kept that no run has used')
  for (const upload of kept)
    await served.fetch('DELETE', `/v1/uploads/${upload}`, { headers: { 'tus-resumable': '1.0.0' } })
  t.same(readdirSync(folder), [])
  const pid = served.process?.pid as number
  t.same(openFiles(pid, folder), [])
  const inTransaction = `SELECT query FROM pg_stat_activity WHERE application_name LIKE 'dasy%' AND datname = current_database() AND state LIKE 'idle in transaction%'`
  t.same(await db.rows(inTransaction), [])
  t.match(await served.stop(), { status: 0 })
  t.same(await db.lastingStrangers(), [], 'no session')
})
