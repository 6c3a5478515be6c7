import { rmSync, writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { apply, changes, clean, ingest, plan, resume } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'

const EXISTING = `
  CREATE TABLE things (sku text PRIMARY KEY, name text, size integer);
  INSERT INTO things VALUES ('a', 'one', 1), ('b', 'two', 2), ('c', NULL, 3), ('z', 'other', 9)`
const FILE = 'sku,name,size\na,one,1\nb,TWO,2\nc,x,3\nd,new,4\n'

const rowsOf = (db: TestDatabase, table = 'things') =>
  db.rows(`SELECT t::text AS row FROM ${table} AS t ORDER BY 1`)

async function planned(t: Test, sql = EXISTING, options = {}) {
  const db = await testDatabase(t)
  await db.run(sql)
  const source = file(t, FILE)
  const given = { databaseUrl: db.url, table: 'things', ...options }
  const { run } = await plan(source, given)
  return { db, source, run, given }
}

async function setOf(db: TestDatabase, run: number): Promise<unknown[]> {
  const all = []
  for await (const { op, key } of changes(run, { databaseUrl: db.url }))
    all.push(`${op} ${Object.values(key).join()}`)
  return all
}

/** What others do to the table, and how the plan then differs. */
const STALE: Record<string, { sql: string; from?: string; message: RegExp; details?: object }> = {
  'a row was changed': {
    sql: `UPDATE things SET name = 'zwei' WHERE sku = 'b'`,
    message: /things has changed, 1 key differs \(1 to be updated from or to other values\)/,
    details: { differ: 1, keys: [{ planned: 'update', now: 'update', keys: 1 }] },
  },
  'a row was changed that was to stay': {
    sql: `UPDATE things SET size = 7 WHERE sku = 'a'`,
    message: /1 key differs \(1 would be updated as well\)/,
  },
  'a row became what it was to become': {
    sql: `UPDATE things SET name = 'TWO' WHERE sku = 'b'`,
    message: /1 key differs \(1 to be updated would not be changed any more\)/,
  },
  'a key appeared': {
    sql: `INSERT INTO things VALUES ('d', 'mine', 1)`,
    message: /1 key differs \(1 to be inserted would be updated\)/,
    details: { differ: 1, keys: [{ planned: 'insert', now: 'update', keys: 1 }] },
  },
  'keys vanished': {
    sql: `DELETE FROM things WHERE sku IN ('a', 'b')`,
    message: /2 keys differ \(1 to be updated would be inserted, 1 would be inserted as well\)/,
  },
  'all rows were removed': { sql: 'TRUNCATE things', message: /3 keys differ/ },
  'a column was added': {
    sql: 'ALTER TABLE things ADD other text',
    message: /was altered \(new other text\)/,
  },
  'a column was dropped': { sql: 'ALTER TABLE things DROP size', message: /./ },
  'a column has another type': {
    sql: 'ALTER TABLE things ALTER size TYPE bigint',
    message: /its table has other columns|was altered/,
  },
  'a column was renamed': { sql: 'ALTER TABLE things RENAME size TO width', message: /./ },
  'the table is gone': { sql: 'DROP TABLE things', message: /things is gone/ },
  'the table was made anew': { sql: `DROP TABLE things; ${EXISTING}`, message: /things was made anew/ },
  'a constraint refuses rows': {
    sql: `ALTER TABLE things ADD CHECK (name <> 'TWO')`,
    message: /its table refuses 1 of its rows/,
    details: { refused: 1 },
  },
  'a trigger takes other rows': {
    sql: `CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$;
      CREATE TRIGGER act BEFORE UPDATE ON things FOR EACH ROW EXECUTE FUNCTION act()`,
    message: /takes other rows than it did/,
  },
  'there is a table now': {
    from: 'SELECT 1',
    sql: EXISTING,
    message: /there is a table things now, with 3 of its 4 keys/,
  },
  'there is a table without rows now': {
    from: 'SELECT 1',
    sql: 'CREATE TABLE things (sku text PRIMARY KEY, name text, size text)',
    message: /there is a table things now, with 0 of its 4 keys/,
  },
  'a table without rows has some': {
    from: 'CREATE TABLE things (sku text PRIMARY KEY, name text, size integer)',
    sql: `INSERT INTO things VALUES ('a', 'x', 1), ('q', 'x', 1)`,
    message: /things has rows now, with 1 of its 4 keys/,
    details: { differ: 1 },
  },
}

for (const [what, { sql, from, message, details = {} }] of Object.entries(STALE)) {
  t.test(`a stale plan is not applied: ${what}`, async (t) => {
    const { db, run } = await planned(t, from)
    await db.run(sql)
    const there = await db.value<boolean>(`SELECT to_regclass('things') IS NOT NULL`)
    const before = there && (await rowsOf(db))
    const error = await failure(t, apply(run, { databaseUrl: db.url }))
    t.match(error, { code: 'PLAN_STALE', exitStatus: 1, message, details: { run, ...details } })
    t.match(error.hint, `dasy apply ${run} --replan`)
    if (there) t.same(await rowsOf(db), before, 'nothing was applied')
    const row = await db.row('SELECT outcome, state FROM dasy.runs WHERE run = $1', [run])
    t.same(row, { outcome: 'planned', state: 'merging' }, 'it stays planned')
    const again = await apply(run, { databaseUrl: db.url, replan: true }).catch((error) => error)
    if (again.code) return
    t.match(again, { run, status: 'planned', sample: Array })
    if (there) t.same(await rowsOf(db), before, 'planning again applies nothing')
    t.match(await apply(run, { databaseUrl: db.url }), { run, status: 'completed', rows: again.rows })
    t.equal((await db.rows(`SELECT FROM dasy.change_sets WHERE run = $1 AND xid IS NULL`, [run])).length, 0)
  })
}

t.test('what does not touch the set does not make a plan stale', async (t) => {
  const { db, run } = await planned(t)
  await db.run(`UPDATE things SET name = 'two' WHERE sku = 'b'; UPDATE things SET size = 8 WHERE sku = 'z';
    INSERT INTO things VALUES ('y', 'mine', 1)`)
  const xmin = await db.value(`SELECT xmin::text FROM things WHERE sku = 'b'`)
  await apply(run, { databaseUrl: db.url })
  t.same(
    (await rowsOf(db)).map(({ row }) => row),
    ['(a,one,1)', '(b,TWO,2)', '(c,x,3)', '(d,new,4)', '(y,mine,1)', '(z,other,8)'],
  )
  t.equal(
    await db.value(`SELECT was::text FROM dasy.changes WHERE run = $1 AND key = '{b}'`, [run]),
    xmin,
    'the history names the version that it replaced',
  )
  t.equal(
    await db.value('SELECT count(*) FROM dasy.changes WHERE run = $1', [run]),
    3,
    'and each change once',
  )
})

t.test(
  'rows with other keys in a table that had none do not make a plan stale, unless it would delete them',
  async (t) => {
    const empty = 'CREATE TABLE things (sku text PRIMARY KEY, name text, size integer)'
    const foreign = `INSERT INTO things VALUES ('y', 'mine', 1)`
    const { db, run } = await planned(t, empty)
    await db.run(foreign)
    t.match(await apply(run, { databaseUrl: db.url }), { rows: { inserted: 4 } })
    t.equal(await db.value('SELECT count(*) FROM things'), 5)
    t.equal((await setOf(db, run)).length, 4)

    const sync = await planned(t, empty, { sync: true, maxDeletes: '100%' })
    await sync.db.run(foreign)
    t.match(await failure(t, apply(sync.run, { databaseUrl: sync.db.url })), { code: 'PLAN_STALE' })
  },
)

t.test('a large plan has a table of its own, which becomes the history', async (t) => {
  for (const check of ['', `; ALTER TABLE things ADD CHECK (name <> 'q')`]) {
    const db = await testDatabase(t)
    const many = (value: string) => Array.from({ length: 30_000 }, (_, i) => `k${i},${value},${i}`).join('\n')
    await db.run(`${EXISTING}${check}`)
    const options = { databaseUrl: db.url, table: 'things' }
    await ingest(file(t, `sku,name,size\n${many('x')}\n`), options)
    const { run, rows, sample } = await plan(file(t, `sku,name,size\n${many('y')}\n`), options)
    t.match(rows, { updated: 30_000 })
    t.equal(sample.length, 10)
    t.match(sample[0], { key: { sku: 'k0' }, old: { name: 'x' }, new: { name: 'y' }, line: 2, byte: 14 })
    const made = await db.value(`SELECT 'dasy.changes_${run}'::regclass::oid`)
    await apply(run, { databaseUrl: db.url })
    t.equal(await db.value(`SELECT count(*) FROM things WHERE name = 'y'`), 30_000)
    t.equal(await db.value(`SELECT 'dasy.changes_${run}'::regclass::oid`), made, 'it is not written again')
    t.equal(await db.value(`SELECT count(*) FROM dasy.changes_${run}`), 30_000)
  }
})

t.test('a plan waits for nobody, and nobody for it', async (t) => {
  const db = await testDatabase(t)
  await db.run(EXISTING)
  const other = await db.client()
  await other.query(
    `BEGIN; LOCK TABLE things IN ROW EXCLUSIVE MODE; UPDATE things SET size = 5 WHERE sku = 'b'`,
  )
  const { run } = await plan(file(t, FILE), { databaseUrl: db.url, table: 'things' })
  await other.query('COMMIT')
  t.match(await failure(t, apply(run, { databaseUrl: db.url })), { code: 'PLAN_STALE' })
})

t.test('a plan needs its file no more', async (t) => {
  const { db, source, run } = await planned(t)
  rmSync(source)
  t.match(await apply(run, { databaseUrl: db.url, replan: true }), {
    status: 'planned',
    rows: { updated: 2 },
  })
  t.match(await apply(run, { databaseUrl: db.url }), {
    status: 'completed',
    rows: { updated: 2, inserted: 1 },
  })
})

t.test('a plan is not taken over, and not given up by a load that completes', async (t) => {
  const { db, source, run, given } = await planned(t)
  const second = await plan(source, given)
  t.not(second.run, run, 'a second plan is a run of its own')
  const loaded = await ingest(source, { ...given, restart: true })
  t.equal(loaded.run, 3)
  t.same(await db.rows('SELECT run, outcome FROM dasy.runs ORDER BY run'), [
    { run: 1, outcome: 'planned' },
    { run: 2, outcome: 'planned' },
    { run: 3, outcome: 'completed' },
  ])
  t.match(await failure(t, resume(run, { databaseUrl: db.url })), {
    code: 'RUN_ENDED',
    hint: `Apply it: dasy apply ${run}`,
  })
  t.match(await failure(t, apply(run, { databaseUrl: db.url })), {
    code: 'PLAN_STALE',
    details: { differ: 3 },
  })
  t.same((await clean({ databaseUrl: db.url })).runs, [2, 1])
  t.equal(await db.value(`SELECT count(*) FROM dasy.changes WHERE run IN (1, 2)`), 0)
  t.equal(await db.value(`SELECT count(*) FROM dasy.changes WHERE run = 3`), 3, 'history stays')
  t.equal(await db.value(`SELECT count(*) FROM pg_class WHERE relname ~ '^staging_'`), 0)
  t.match(await failure(t, apply(run, { databaseUrl: db.url })), {
    code: 'NOT_A_PLAN',
    message: /run 1 is no plan: it is interrupted/,
  })
})

t.test('what is no plan is not applied', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  t.match(await failure(t, apply(1, options)), { code: 'RUN_NOT_FOUND' })
  const done = await ingest(file(t, 'sku,name\na,b\n'), options)
  t.match(await apply(done.run, options), { run: 1, status: 'completed', command: 'ingest' })
  await failure(t, ingest(file(t, 'sku,name\na,b\nc\n'), options))
  t.match(await failure(t, apply(2, options)), {
    code: 'NOT_A_PLAN',
    exitStatus: 1,
    hint: 'Resume it: dasy resume 2',
    details: { run: 2 },
  })
})

t.test('a plan with too many rejects is resumed as a plan', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  const source = file(t, 'sku,name\na,b\nc\n')
  t.match(await failure(t, plan(source, options)), { code: 'TOO_MANY_REJECTS', exitStatus: 3 })
  t.match(await resume(1, { ...options, maxRejects: 1 }), {
    status: 'planned',
    rows: { inserted: 1, rejected: 1 },
    sample: [{ op: 'insert', key: { sku: 'a' } }],
  })
  t.match(await apply(1, options), { status: 'completed' })
  t.equal(await db.value('SELECT count(*) FROM products'), 1)
})

/** What a crash of the server does to unlogged tables. */
const crash = async (db: TestDatabase, run: number) =>
  db.run(`TRUNCATE dasy.ranges; TRUNCATE dasy.staging_${run}`)

t.test('a plan whose staging is lost can be made again from the file', async (t) => {
  const { db, source, run } = await planned(t)
  await crash(db, run)
  const lost = { code: 'PLAN_LOST', exitStatus: 1, hint: /dasy apply 1 --replan/ }
  t.match(await failure(t, apply(run, { databaseUrl: db.url })), lost)
  t.match(await apply(run, { databaseUrl: db.url, replan: true }), { run, rows: { read: 4, updated: 2 } })
  t.match(await apply(run, { databaseUrl: db.url }), { run, rows: { inserted: 1, updated: 2, unchanged: 1 } })
  t.equal((await rowsOf(db)).length, 5)

  const other = await planned(t)
  await crash(other.db, other.run)
  writeFileSync(other.source, 'sku,name\nq,r\n')
  t.match(await failure(t, apply(other.run, { databaseUrl: other.db.url, replan: true })), {
    code: 'SOURCE_CHANGED',
  })
  t.ok(source)
})

t.test('SQL before and after is tried with the plan, and run when it is applied', async (t) => {
  const db = await testDatabase(t)
  const before = file(
    t,
    `CREATE TABLE IF NOT EXISTS log (what text); UPDATE things SET size = 20 WHERE sku = 'b'`,
  )
  const after = file(t, `INSERT INTO log SELECT 'after ' || count(*) FROM things`)
  await db.run(EXISTING)
  const options = { databaseUrl: db.url, table: 'things', before, after }
  const { run, rows } = await plan(file(t, FILE), options)
  t.match(rows, { inserted: 1, updated: 2, unchanged: 1 })
  t.equal(await db.value(`SELECT to_regclass('log')`), null)
  t.equal(await db.value(`SELECT size FROM things WHERE sku = 'b'`), 2)
  t.match(await apply(run, { databaseUrl: db.url }), { rows })
  t.same(await db.rows('SELECT * FROM log'), [{ what: 'after 5' }])

  const { run: second } = await plan(file(t, 'sku,name,size\na,last,1\n'), options)
  writeFileSync(after, 'SELECT 1')
  t.match(await failure(t, apply(second, { databaseUrl: db.url })), {
    code: 'PLAN_STALE',
    message: /has changed/,
  })
})

t.test('SQL before may make the table', async (t) => {
  const db = await testDatabase(t)
  const before = file(t, `CREATE TABLE things (sku text PRIMARY KEY, name text, size integer DEFAULT 5)`)
  const after = file(t, `SELECT count(*) FROM things`)
  const { run } = await plan(file(t, 'sku,name\na,b\n'), { databaseUrl: db.url, table: 'things', before })
  t.match(await apply(run, { databaseUrl: db.url }), { rows: { inserted: 1 } })
  t.same(
    (await rowsOf(db)).map(({ row }) => row),
    ['(a,b,5)'],
  )
  const other = await plan(file(t, 'sku,name\na,b\n'), { databaseUrl: db.url, table: 'fresh', after })
  t.same(await setOf(db, other.run), ['insert a'])
  t.match(await apply(other.run, { databaseUrl: db.url, replan: true }), { rows: { inserted: 1 } })
  t.match(await apply(other.run, { databaseUrl: db.url }), { rows: { inserted: 1 } })
})

t.test('a plan is shown also if no history is kept, and then keeps none', async (t) => {
  const { db, run } = await planned(t, EXISTING, { history: false })
  t.same(await setOf(db, run), ['update b', 'update c', 'insert d'])
  await apply(run, { databaseUrl: db.url })
  t.match(await db.row('SELECT kind, updated FROM dasy.change_sets WHERE run = $1', [run]), {
    kind: 'none',
    updated: 2,
  })
  t.equal(await db.value('SELECT count(*) FROM dasy.changes'), 0)
})

t.test('a plan that would delete too much says what it found, and can be resumed', async (t) => {
  const db = await testDatabase(t)
  await db.run(EXISTING)
  const events: unknown[] = []
  const onEvent = (event: { type: string }) => {
    if (event.type === 'planned') events.push(event)
  }
  const options = { databaseUrl: db.url, table: 'things', sync: true, onEvent }
  const source = file(t, 'sku,name,size\na,one,1\nb,two,many\n')
  const error = await failure(t, plan(source, { ...options, maxRejects: 1, maxDeletes: 9 }))
  t.match(error, {
    code: 'SYNC_WITH_REJECTS',
    exitStatus: 3,
    details: { run: 1, rows: { rejected: 1, deleted: 3, unchanged: 1 }, sample: { length: 3 } },
  })
  t.match(events, [{ receipt: { status: 'rejected', sample: { length: 3 } }, rejects: [{ line: 3 }] }])
  t.equal(await db.value('SELECT outcome FROM dasy.runs'), 'rejected')
  t.equal(await db.value('SELECT count(*) FROM dasy.change_sets'), 0)
  t.match(await failure(t, apply(1, { databaseUrl: db.url })), { code: 'NOT_A_PLAN' })
  const resumed = await resume(1, { databaseUrl: db.url, syncDespiteRejects: true })
  t.match(resumed, { status: 'planned', rows: { deleted: 3 } })
  t.match(
    await failure(t, plan(source, { ...options, maxRejects: 1, maxDeletes: 1, syncDespiteRejects: true })),
    {
      code: 'TOO_MANY_DELETES',
      exitStatus: 3,
      details: { run: 2, rows: { deleted: 3 } },
    },
  )
  await db.run(`INSERT INTO things VALUES ('w', 'x', 1)`)
  t.match(await failure(t, apply(1, { databaseUrl: db.url })), {
    code: 'PLAN_STALE',
    message: /1 would be deleted as well/,
  })
  await db.run(`DELETE FROM things WHERE sku = 'w'`)
  t.match(await apply(1, { databaseUrl: db.url }), { status: 'completed', rows: { deleted: 3 } })
  t.same(
    (await rowsOf(db)).map(({ row }) => row),
    ['(a,one,1)'],
  )
})

t.test('two that apply the same plan: one does it', async (t) => {
  const { db, run } = await planned(t)
  const both = await Promise.allSettled([
    apply(run, { databaseUrl: db.url }),
    apply(run, { databaseUrl: db.url }),
  ])
  for (const each of both) {
    if (each.status === 'fulfilled') t.match(each.value, { run, status: 'completed', rows: { updated: 2 } })
    else t.match(each.reason, { code: 'RUN_ACTIVE' })
  }
  t.equal(await db.value('SELECT count(*) FROM dasy.changes'), 3)
})
