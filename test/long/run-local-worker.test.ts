/** A source of one range: the main thread loads it, through the main session. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { LoadOptions } from '../../lib/index.js'
import { ingest } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file, folder } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { compareTables, countsOf } from '../support/oracle.js'

const CSV = 'sku,name\n1,one\n2,two,too many\n1,uno\n3,\n'

/** Loads a file. @returns the receipt, and the statements of all its sessions */
async function load(db: TestDatabase, source: string, options: LoadOptions) {
  const texts: string[] = []
  const listener = (statement: unknown) => texts.push((statement as { text: string }).text)
  subscribe('dasy:statement', listener)
  try {
    const receipt = await ingest(source, { databaseUrl: db.url, maxRejects: 1, ...options })
    return { receipt, texts }
  } finally {
    unsubscribe('dasy:statement', listener)
  }
}

/** Each session sets its parameters once. */
function sessionsOf(texts: readonly string[]): number {
  return texts.filter((text) => text.includes('SELECT pg_backend_pid() AS backend')).length
}

t.test('a source of one range needs one session, and its bad records are salvaged by that', async (t) => {
  const db = await testDatabase(t)
  const source = file(t, CSV)
  const rows = { read: 4, rejected: 1, duplicates: 1, inserted: 2, updated: 0, unchanged: 0, skipped: 0 }
  const alone = await load(db, source, { workers: 2 })
  t.match(alone.receipt, { workers: 1, rows })
  t.equal(sessionsOf(alone.texts), 1)
  const threads = await load(db, source, { workers: 2, rangeSize: 8, table: 'others' })
  t.match(threads.receipt, { workers: 2, rows }, 'with several ranges the result is the same')
  t.equal(sessionsOf(threads.texts), 3, 'by threads with sessions of their own')
  await assertNothingLeft(t, db, { tables: ['others', 'products', 'products_agg'] })
})

t.test('only the commits that begin and end a run wait for the log', async (t) => {
  const db = await testDatabase(t)
  const seen = join(folder(t), 'seen.sql')
  writeFileSync(seen, `CREATE TABLE seen AS SELECT current_setting('synchronous_commit') AS waits`)
  await load(db, file(t, CSV), { before: seen })
  t.same(await db.rows('SELECT waits FROM seen'), [{ waits: 'off' }])
  const { texts } = await load(db, file(t, CSV), { table: 'others' })
  const [deferred, restored] = [`'synchronous_commit', 'off', false`, `'synchronous_commit', $8, true`].map(
    (part) => texts.findIndex((text) => text.includes(part)),
  ) as [number, number]
  t.ok(texts.slice(0, deferred).includes('COMMIT'), 'the run is stored before that')
  t.equal(texts[restored + 1], 'COMMIT', 'the next commit publishes')
})

t.test('SQL of the user may forget prepared queries', async (t) => {
  const db = await testDatabase(t)
  const forget = join(folder(t), 'forget.sql')
  writeFileSync(forget, 'DEALLOCATE ALL')
  const source = file(t, CSV)
  await load(db, source, {})
  const { receipt } = await load(db, source, { before: forget, after: forget })
  t.match(receipt.rows, { unchanged: 2 })
})

t.test('triggers may forget prepared statements', async (t) => {
  const db = await testDatabase(t)
  await load(db, file(t, 'sku,name\n1,a\n2,b\n'), {})
  await db.run(`
    CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DEALLOCATE ALL; RETURN NULL; END $$;
    CREATE TRIGGER forget AFTER INSERT OR UPDATE ON products FOR EACH STATEMENT EXECUTE FUNCTION forget();
    ALTER TABLE products ADD CHECK (name <> 'bad')`)
  const changed = await load(db, file(t, 'sku,name\n1,changed\n3,new\n'), {})
  t.match(changed.receipt.rows, { updated: 1, inserted: 1 })
  const source = file(t, 'sku,name\n1,bad\n2,changed\n4,new\n')
  const refused = await load(db, source, {})
  t.match(
    refused.receipt.rows,
    { updated: 1, inserted: 1, rejected: 1 },
    'also if rows are then written one by one',
  )
  await compareTables(t, db, 'products_agg', countsOf('products'))
})

t.test('a failed load of one range leaves the session ready for what follows', async (t) => {
  const db = await testDatabase(t)
  const error = await failure(t, ingest(file(t, CSV), { databaseUrl: db.url }))
  t.match(error, { code: 'TOO_MANY_REJECTS', details: { rows: { read: 4, rejected: 1 } } })
  const { receipt } = await load(db, file(t, CSV), {})
  t.match(receipt.rows, { read: 4, inserted: 2 })
})
