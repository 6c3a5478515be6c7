import t from 'tap'
import { dasy } from '../support/cli.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { HistoryOf } from '../support/history.js'

type Tap = Parameters<typeof testDatabase>[0]

async function prepared(
  t: Tap,
): Promise<{ db: TestDatabase; history: HistoryOf; env: Record<string, string> }> {
  const db = await testDatabase(t)
  const history = await HistoryOf.open(db)
  t.teardown(() => history[Symbol.asyncDispose]())
  await db.run(`CREATE TABLE products (sku text PRIMARY KEY, name text, description text)`)
  return { db, history, env: { DATABASE_URL: db.url, TZ: 'UTC' } }
}

t.test('dasy changes shows a diff, JSON lines or CSV', async (t) => {
  const { db, history, env } = await prepared(t)
  await db.run(`INSERT INTO products VALUES ('a', 'x, "y"', NULL), ('b', 'n', '')`)
  const run = await history.run(
    'products',
    `UPDATE products SET name = 'z', description = '' WHERE sku = 'a';
     DELETE FROM products WHERE sku = 'b';
     INSERT INTO products VALUES ('c', E'two\\nlines', NULL)`,
  )
  const shown = (await dasy(['changes', `${run}`], { env })).expectStatus(0).stdout
  t.equal(
    shown.replace(/, \d{4}-.*$/m, ', DATE'),
    `run ${run}, update: products (sku), DATE
+ 1 new  ~ 1 changed  - 1 deleted  = 7 same

~ a
    name         x, "y" → z
    description  NULL   → ""

- b
    name         n
    description  ""

+ c
    name         two⏎lines
    description  NULL
`,
  )
  const json = (await dasy(['changes', `${run}`, '--json'], { env })).expectStatus(0).stdout
  t.equal(
    json,
    `{"op":"update","key":{"sku":"a"},"old":{"name":"x, \\"y\\"","description":null},"new":{"name":"z","description":""},"source":null,"byte":null,"line":null}
{"op":"delete","key":{"sku":"b"},"old":{"sku":"b","name":"n","description":""},"source":null,"byte":null,"line":null}
{"op":"insert","key":{"sku":"c"},"new":{"sku":"c","name":"two\\nlines","description":null},"source":null,"byte":null,"line":null}
`,
  )
  const csv = (await dasy(['changes', `${run}`, '--csv'], { env })).expectStatus(0).stdout
  t.equal(
    csv,
    `op,sku,column,old,new
update,a,name,"x, ""y""",z
update,a,description,,""
delete,b,sku,b,
delete,b,name,n,
delete,b,description,"",
insert,c,sku,,c
insert,c,name,,"two
lines"
insert,c,description,,
`,
  )
  const some = (await dasy(['changes', `${run}`, '-n', '1'], { env })).expectStatus(0).stdout
  t.match(some, /… and 2 more; --limit N/)
  t.notMatch(some, /two/)
  const column = await dasy(['changes', `${run}`, '--column', 'name', '--op', 'update', '--json'], { env })
  t.same(column.json(), {
    op: 'update',
    key: { sku: 'a' },
    old: { name: 'x, "y"' },
    new: { name: 'z' },
    source: null,
    byte: null,
    line: null,
  })
  const wrong = await dasy(['changes', '99', '--json'], { env })
  t.match(wrong.expectStatus(1).json(), { error: { code: 'RUN_NOT_FOUND' } })
  ;(await dasy(['changes', `${run}`, '--op', 'upsert'], { env })).expectStatus(2)
})

t.test('dasy blame says who wrote a row', async (t) => {
  const { db, history, env } = await prepared(t)
  const first = await history.run('products', `INSERT INTO products VALUES ('a', 'x', NULL)`)
  const second = await history.run('products', `UPDATE products SET name = 'y'`)
  await db.run(`UPDATE products SET name = 'foreign'`)
  const shown = (await dasy(['blame', 'products', 'a'], { env })).expectStatus(0).stdout
  t.equal(
    shown.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, 'TIME'),
    `products a
changed outside of dasy

run ${second}  TIME  update  ~ update
    name  x → y

run ${first}  TIME  update  + insert
    name         x
    description  NULL

the history of products goes back to run ${first}, TIME
`,
  )
  const lines = (await dasy(['blame', 'products', 'a', '--json'], { env })).expectStatus(0).stdout.trim()
  const [outside, newest, oldest] = lines.split('\n').map((line) => JSON.parse(line))
  t.same(outside, { outside: true })
  t.match(newest, { run: second, command: 'update', op: 'update', old: { name: 'x' }, new: { name: 'y' } })
  t.match(newest.time, /^\d{4}-\d\d-\d\dT/)
  t.same(Object.keys(oldest), ['run', 'time', 'command', 'source', 'byte', 'line', 'op', 'new'])
  await db.run('CREATE TABLE keyless (a int)')
  t.match((await dasy(['blame', 'keyless', '1', '--json'], { env })).expectStatus(1).json(), {
    error: { code: 'NO_KEY' },
  })
  t.match((await dasy(['blame', 'nothing', '1', '--json'], { env })).expectStatus(1).json(), {
    error: { code: 'TABLE_NOT_FOUND' },
  })
  ;(await dasy(['blame', 'products', 'a', 'b'], { env })).expectStatus(2)
})

t.test('dasy runs clean --history removes history and nothing else', async (t) => {
  const { db, history, env } = await prepared(t)
  const run = await history.run('products', `INSERT INTO products VALUES ('a', 'x', NULL)`)
  const clean = ['runs', 'clean', '--history']
  t.same((await dasy([...clean, '--older-than', '1d', '--json'], { env })).json(), { runs: [], bytes: 0 })
  t.match((await dasy([...clean, '--dry-run'], { env })).stdout, `would discard the history of run ${run}: `)
  t.match((await dasy(clean, { env })).expectStatus(0).stdout, `discarded the history of run ${run}: `)
  t.match((await dasy(['changes', `${run}`, '--json'], { env })).json(), { error: { code: 'NO_HISTORY' } })
  t.match((await dasy(['blame', 'products', 'a'], { env })).stdout, 'there is no history of products')
  t.equal(await db.value('SELECT count(*) FROM products'), 1)
  t.match((await dasy(['runs', `${run}`, '--json'], { env })).json(), { status: 'completed' })
})
