import t from 'tap'
import { EXISTING, planned, rowsOf, setOf } from '../run/planned.js'
import { apply } from '../support/compiled.js'
import { failure } from '../support/failure.js'

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
  'two rows have swapped what they were': {
    sql: `UPDATE things SET name = CASE sku WHEN 'c' THEN 'two' END WHERE sku IN ('b', 'c')`,
    message: /2 keys differ \(2 to be updated from or to other values\)/,
    details: { differ: 2, keys: [{ planned: 'update', now: 'update', keys: 2 }] },
  },
  'a key appeared and another vanished': {
    sql: `DELETE FROM things WHERE sku = 'c'; INSERT INTO things VALUES ('d', NULL, 9)`,
    message: /2 keys differ \(1 to be inserted would be updated, 1 to be updated would be inserted\)/,
  },
  'a row has swapped the values of its columns': {
    from: `CREATE TABLE things (sku text PRIMARY KEY, name text, size text);
      INSERT INTO things VALUES ('a', 'one', '1'), ('b', '8', '9'), ('c', 'x', '3')`,
    sql: `UPDATE things SET name = size, size = name WHERE sku = 'b'`,
    message: /1 key differs \(1 to be updated from or to other values\)/,
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

t.test('a plan whose digest another version has stored is stale, without a key that differs', async (t) => {
  const { db, run } = await planned(t)
  await db.run(`UPDATE dasy.change_sets SET digest = replace(digest, ':', ':1') WHERE run = ${run}`)
  const error = await failure(t, apply(run, { databaseUrl: db.url }))
  t.match(error, { code: 'PLAN_STALE', message: /another version of dasy/, details: { differ: 0 } })
  t.match(await apply(run, { databaseUrl: db.url, replan: true }), { run, status: 'planned' })
  t.match(await apply(run, { databaseUrl: db.url }), { run, status: 'completed' })
})

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
