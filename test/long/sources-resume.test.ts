import { appendFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import type { Listener } from '../../lib/contract/events.js'
import { ingest, resume } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { hearing, into } from '../support/events.js'
import { failure } from '../support/failure.js'
import { file, folder } from '../support/files.js'
import { serve } from '../support/http-server.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { pipeOf } from '../support/pipe.js'

/** Going on with a run whose text comes in one order, and what is said where that is not possible. */

const RECORDS = 20_000
const CONTENT = Buffer.from(
  `sku,name\n${Array.from({ length: RECORDS }, (_, n) => `sku-${n},name ${n % 100}`).join('\n')}\n`,
)
const CUT = { workers: 2, rangeSize: 5000 }

/** Ends a load as soon as it has staged something. */
async function interrupted(t: Test, db: TestDatabase, source: string): Promise<number> {
  const abort = new AbortController()
  const onEvent = hearing({ advanced: (_: number, records: number) => records > 0 && abort.abort() })
  const options = { databaseUrl: db.url, signal: abort.signal, onEvent, ...CUT }
  const error = await failure(t, ingest(source, options))
  t.match(error, { code: 'INTERRUPTED', exitStatus: 130 })
  return error.details.run as number
}

/** Records that a load reports as staged, and bytes of its source. */
function counter(): { onEvent: Listener; calls: [number, number][] } {
  const calls: [number, number][] = []
  const advanced = (bytes: number, records: number) => void calls.push([bytes, records])
  return { onEvent: hearing({ advanced, resumed: advanced }), calls }
}

async function assertLoaded(t: Test, db: TestDatabase): Promise<void> {
  const { rows, keys } = await db.row<{ rows: number; keys: number }>(
    `SELECT count(*) AS rows, count(DISTINCT sku) AS keys FROM products WHERE name = 'name ' || substr(sku, 5)::int % 100`,
  )
  t.same([rows, keys], [RECORDS, RECORDS])
  await assertNothingLeft(t, db)
}

t.test('what is compressed or remote is gone on with, and only what is missing is staged', async (t) => {
  const server = await serve(t, CONTENT)
  for (const source of [file(t, gzipSync(CONTENT)), server.url]) {
    const db = await testDatabase(t)
    const run = await interrupted(t, db, source)
    const { onEvent, calls } = counter()
    const receipt = await resume(run, { databaseUrl: db.url, onEvent, ...CUT })
    t.match(receipt, { run, status: 'completed', rows: { read: RECORDS, inserted: RECORDS } })
    const [[, staged] = [0, 0], ...rest] = calls
    t.ok(staged > 0, 'what was staged before is not staged again')
    t.equal(
      rest.reduce((sum, [, records]) => sum + records, staged),
      RECORDS,
    )
    t.ok(calls.reduce((sum, [bytes]) => sum + bytes, 0) <= (receipt.bytes ?? 0))
    await assertLoaded(t, db)
  }
})

t.test('a URL that is signed anew each time is the same source', async (t) => {
  const server = await serve(t, CONTENT)
  const db = await testDatabase(t)
  const run = await interrupted(t, db, `${server.url}?signature=one`)
  const notes: string[] = []
  const options = { databaseUrl: db.url, onEvent: into(notes), ...CUT }
  t.match(await ingest(`${server.url}?signature=two`, options), { run, status: 'completed' })
  t.match(notes.join('\n'), `resuming run ${run}`)
  t.notMatch(notes.join(), 'signature')
  await assertLoaded(t, db)
})

t.test('a source that has changed meanwhile is refused', async (t) => {
  const dir = folder(t)
  const path = join(dir, 'a.csv.gz')
  writeFileSync(path, gzipSync(CONTENT))
  const server = await serve(t, CONTENT, { etag: '"one"' })
  for (const source of [path, server.url]) {
    const db = await testDatabase(t)
    const run = await interrupted(t, db, source)
    if (source === path) appendFileSync(path, gzipSync('x,y\n'))
    else server.change(CONTENT, { etag: '"two"' })
    t.match(await failure(t, resume(run, { databaseUrl: db.url })), { code: 'SOURCE_CHANGED' })
  }
})

t.test('what a server does not tell from another content is not gone on with', async (t) => {
  const silent = { etag: null, lastModified: null }
  const server = await serve(t, CONTENT, silent)
  const db = await testDatabase(t)
  const run = await interrupted(t, db, server.url)
  server.change(Buffer.from(CONTENT.toString().replaceAll('sku-', 'SKU-')), silent)
  t.match(await failure(t, resume(run, { databaseUrl: db.url })), { code: 'RUN_ENDED' })
  const notes: string[] = []
  const options = { databaseUrl: db.url, onEvent: into(notes), ...CUT }
  t.match(await ingest(server.url, options), { rows: { read: RECORDS, inserted: RECORDS } })
  t.match(notes.join('\n'), 'cannot be read a second time')
  t.equal(await db.value(`SELECT count(*) FROM products WHERE sku LIKE 'SKU-%'`), RECORDS)
  await assertNothingLeft(t, db)
})

t.test('several files are gone on with', async (t) => {
  const half = CONTENT.indexOf('\n', CONTENT.length / 2) + 1
  const dir = folder(t)
  writeFileSync(join(dir, 'a.csv'), CONTENT.subarray(0, half))
  const rest = Buffer.concat([Buffer.from('sku,name\n'), CONTENT.subarray(half)])
  writeFileSync(join(dir, 'b.csv.gz'), gzipSync(rest))
  const db = await testDatabase(t)
  const run = await interrupted(t, db, join(dir, '*'))
  t.match(await ingest(join(dir, '*'), { databaseUrl: db.url, ...CUT }), { run, status: 'completed' })
  await assertLoaded(t, db)
})

t.test('a pipe cannot be gone on with while it is read, and is said so beforehand', async (t) => {
  const db = await testDatabase(t)
  const run = await interrupted(t, db, pipeOf(t, CONTENT))
  t.match(await failure(t, resume(run, { databaseUrl: db.url })), { code: 'RUN_ENDED' })
  await assertNothingLeft(t, db, { tables: [] })
  const notes: string[] = []
  await ingest(pipeOf(t, CONTENT), { databaseUrl: db.url, onEvent: into(notes) })
  t.match(notes.join('\n'), 'cannot be read a second time')
  await assertLoaded(t, db)
})

t.test('once all of a pipe is staged it is not needed any more', async (t) => {
  const db = await testDatabase(t)
  const bad = Buffer.concat([CONTENT, Buffer.from('bad\n,no key\n')])
  const source = pipeOf(t, bad)
  const error = await failure(t, ingest(source, { databaseUrl: db.url, ...CUT }))
  t.match(error, { code: 'TOO_MANY_REJECTS', details: { rejected: 2 } })
  rmSync(source)
  const receipt = await resume(error.details.run as number, { databaseUrl: db.url, maxRejects: 2 })
  t.match(receipt, { bytes: bad.length, rows: { read: RECORDS + 2, rejected: 2, inserted: RECORDS } })
  await assertLoaded(t, db)
})

t.test('a connection that is lost when all of a pipe is staged is got over', async (t) => {
  const db = await testDatabase(t)
  let lost = false
  const phase = async (name: string): Promise<void> => {
    if (lost || name !== 'merge') return
    lost = true
    await db.run(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'dasy'`,
    )
  }
  await db.run(`CREATE TABLE products (sku text PRIMARY KEY, name text);
    INSERT INTO products VALUES ('old', 'name');
    CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END';
    CREATE TRIGGER wait BEFORE INSERT ON products EXECUTE FUNCTION wait()`)
  const receipt = await ingest(pipeOf(t, CONTENT), {
    databaseUrl: db.url,
    onEvent: hearing({ phase }),
    ...CUT,
  })
  t.ok(lost)
  t.match(receipt, { status: 'completed', rows: { read: RECORDS, inserted: RECORDS } })
})

t.test(
  'a lost connection is got over where the source can be read again, and reported where not',
  async (t) => {
    const lose = (db: TestDatabase) => {
      let lost = false
      return async (_: number, records: number): Promise<void> => {
        if (lost || records === 0) return
        lost = true
        await db.run(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'dasy'`,
        )
      }
    }
    const again = await testDatabase(t)
    const gzip = file(t, gzipSync(CONTENT))
    await ingest(gzip, { databaseUrl: again.url, onEvent: hearing({ advanced: lose(again) }), ...CUT })
    await assertLoaded(t, again)

    const db = await testDatabase(t)
    const load = ingest(pipeOf(t, CONTENT), {
      databaseUrl: db.url,
      onEvent: hearing({ advanced: lose(db) }),
      ...CUT,
    })
    t.match(await failure(t, load), { code: 'CONNECTION_LOST', exitStatus: 4 })
    t.equal(await db.value(`SELECT to_regclass('products')`), null)
  },
)
