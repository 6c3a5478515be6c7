import t, { type Test } from 'tap'
import { Database } from '../../lib/db/database.js'
import { Loader } from '../../lib/load/loader.js'
import type { LoadPlan } from '../../lib/ranges/load-plan.js'
import type { Range } from '../../lib/ranges/range.js'
import { ingest } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'
import { PLAN } from '../support/source-plan.js'

/** A range holds as many records as the scan has counted, in whatever way it is staged, or the file has changed. */

const TEXT = Buffer.from('a,Ann\r\nb\r\n"c\r\n",Cem\r\n')

/** Stages a text through a session of its own, as a worker of a run that stopped. */
async function stage(t: Test, text: Buffer, claimed: Partial<Range>, attempt = 1) {
  const db = await testDatabase(t)
  await failure(t, ingest(file(t, 'sku,name\nx\n'), { databaseUrl: db.url, workers: 1 }))
  await db.run('DELETE FROM dasy.ranges; DELETE FROM dasy.rejects')
  const plan: LoadPlan = { run: 1, attempt, sources: [PLAN], retryMs: 0 }
  const size = { start: 9, end: 9 + text.length, delivered: text.length, block: Uint8Array.from(text) }
  const range: Range = { source: 0, line: 2, nextLine: 6, records: 3, flagged: true, ...size, ...claimed }
  await using database = await Database.open({ databaseUrl: db.url })
  await using session = await database.session('dasy worker 1')
  const loaded = await new Loader(session, plan, [], 1).load(range).catch((error) => error)
  const kept = await db.rows('SELECT records::int, rejected::int FROM dasy.ranges')
  const staged = await db.value<number>('SELECT count(*)::int FROM dasy.staging_1')
  return { loaded, kept, staged }
}

t.test('a range that is looked through record by record', async (t) => {
  const { loaded, kept, staged } = await stage(t, TEXT, { flagged: true })
  t.same(
    { loaded, kept, staged },
    {
      loaded: { records: 3, rejectedRecords: [1], isSalvaged: true },
      kept: [{ records: 3, rejected: 1 }],
      staged: 2,
    },
  )
})

for (const records of [2, 4]) {
  for (const flagged of [true, false]) {
    t.test(`${records} records were counted where there are three (flagged: ${flagged})`, async (t) => {
      const { loaded, kept, staged } = await stage(t, TEXT, { records, flagged })
      t.match(loaded, { code: 'SOURCE_CHANGED', details: { file: 'a.csv' } })
      t.match(loaded.message, `held ${records} records, then 3`)
      t.same({ kept, staged }, { kept: [], staged: 0 }, 'nothing of it is staged')
    })
  }
}

t.test('COPY takes more records than were counted', async (t) => {
  const { loaded, kept, staged } = await stage(t, Buffer.from('a,Ann\r\nb,Bob\r\n'), {
    records: 1,
    flagged: false,
  })
  t.match(loaded, { code: 'SOURCE_CHANGED', message: /held 1 records, then 2/ })
  t.same({ kept, staged }, { kept: [], staged: 0 })
})

for (const flagged of [true, false]) {
  t.test(`a worker of an earlier attempt stages nothing (flagged: ${flagged})`, async (t) => {
    const { loaded, kept, staged } = await stage(t, Buffer.from('a,Ann\r\n'), { records: 1, flagged }, 0)
    t.match(loaded, { code: 'RUN_TAKEN', details: { run: 1 } })
    t.same({ kept, staged }, { kept: [], staged: 0 })
  })
}
