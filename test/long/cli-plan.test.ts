import t from 'tap'
import { dasy } from '../support/cli.js'
import { testDatabase } from '../support/database.js'
import { file } from '../support/files.js'

const FIRST = 'sku,name\na,Hammer\nb,Nail\nc,Nail\n'
const SECOND = 'sku,name\na,Hammer\nb,Screw\nc,Nail\nd,Saw\ntoo,many,fields\n'

t.test('dasy plan shows what an ingest would do, and dasy apply does it', async (t) => {
  const db = await testDatabase(t)
  const env = { DATABASE_URL: db.url, TZ: 'UTC' }
  const [first, second] = [file(t, FIRST), file(t, SECOND)]
  const made = (await dasy(['plan', first, '--detailed-exitcode'], { env })).expectStatus(5).stdout
  t.match(made, /inserted\s+3 {2}new/)
  ;(await dasy(['apply', '1', '-q'], { env })).expectStatus(0)

  const shown = (await dasy(['plan', second, '--max-rejects', '1', '--no-color'], { env })).expectStatus(0)
  const [, below] = shown.stdout.split(/aggregate [\d.]+ s\n\n/)
  t.equal(
    below?.replaceAll(second, 'second.csv'),
    `+ 1 new  ~ 1 changed  = 2 same

+ d  second.csv, line 5
    name         Saw
    description  NULL

~ b  second.csv, line 3
    name  Nail → Screw

1 rejected
  second.csv, line 6 (byte 39): too many fields: 3 for 2 columns

products_agg
  Nail   -1  ████████████████████████  2 → 1
  Saw    +1  ████████████████████████  0 → 1
  Screw  +1  ████████████████████████  0 → 1

Nothing is written yet. To do just this: dasy apply 2
`,
  )
  t.match(shown.stdout, /run 2 planned in/)
  const json = (await dasy(['plan', second, '--max-rejects', '1', '--json'], { env }))
    .expectStatus(0)
    .json<{ sample: unknown; rows: object; aggregates: object[] }>()
  t.match(json, {
    run: 3,
    command: 'plan',
    status: 'planned',
    rows: { read: 5, rejected: 1, inserted: 1, updated: 1, unchanged: 2 },
    aggregates: [{ table: 'products_agg', groups: 4 }],
  })
  t.same(json.sample, [
    {
      op: 'insert',
      key: { sku: 'd' },
      new: { sku: 'd', name: 'Saw', description: null },
      source: second,
      byte: 33,
      line: 5,
    },
    {
      op: 'update',
      key: { sku: 'b' },
      old: { name: 'Nail' },
      new: { name: 'Screw' },
      source: second,
      byte: 18,
      line: 3,
    },
  ])
  const list = (await dasy(['runs'], { env })).stdout
  t.match(list, /3 .* planned +plan/)
  t.match((await dasy(['runs', '3'], { env })).stdout, /to apply it: dasy apply 3/)

  const done = (await dasy(['apply', '2', '--json'], { env })).expectStatus(0).json()
  t.match(done, {
    run: 2,
    command: 'plan',
    status: 'completed',
    rows: json.rows,
    aggregates: json.aggregates,
  })
  t.same((await dasy(['apply', '2', '--json'], { env })).expectStatus(0).json(), {
    ...done,
    seconds: (await dasy(['runs', '2', '--json'], { env })).json<typeof done>().seconds,
  })
  const stale = (await dasy(['apply', '3', '--json'], { env })).expectStatus(1).json()
  t.match(stale, { error: { code: 'PLAN_STALE', run: 3, details: { differ: 2 } } })
  const again = await dasy(['apply', '3', '--replan'], { env })
  t.match(again.expectStatus(0).stdout, /run 3 planned/)
  t.notMatch(again.stdout, /dasy apply 3/, 'there is nothing to apply')
  ;(await dasy(['plan', second, '--max-rejects', '1', '-q', '--detailed-exitcode'], { env })).expectStatus(0)
  t.match((await dasy(['resume', '3'], { env })).expectStatus(1).stderr, /Apply it: dasy apply 3/)
})

t.test('a plan that is refused is shown first', async (t) => {
  const db = await testDatabase(t)
  const env = { DATABASE_URL: db.url }
  ;(await dasy(['ingest', file(t, FIRST), '-q'], { env })).expectStatus(0)
  const source = file(t, 'sku,name\na,Hammer\n')
  const refused = (await dasy(['plan', source, '--sync'], { env })).expectStatus(3)
  t.match(refused.stdout, /run 2 rejected in[\s\S]*- 2 deleted[\s\S]*- b\n[\s\S]*- c\n/)
  t.match(refused.stderr, /would be deleted, 10% are allowed/)
  t.match(refused.stderr, /dasy resume 2 --max-deletes 2/)
  const json = (await dasy(['plan', source, '--sync', '--restart', '--json'], { env })).expectStatus(3).json()
  t.match(json, {
    error: { code: 'TOO_MANY_DELETES', rows: { deleted: 2 }, details: { sample: { length: 2 } } },
  })
  const resumed = await dasy(['resume', '3', '--max-deletes', '2'], { env })
  t.match(resumed.expectStatus(0).stdout, /run 3 planned[\s\S]*- 2 deleted[\s\S]*dasy apply 3/)
  ;(await dasy(['apply', '3', '-q'], { env })).expectStatus(0)
  t.equal(await db.value('SELECT count(*) FROM products'), 1)
})

t.test('options of the other command are refused by the rules of the plan', async (t) => {
  const source = file(t, FIRST)
  const env = { DATABASE_URL: 'postgresql://localhost:1/none' }
  const making = (await dasy(['plan', source, '--update', '--infer'], { env })).expectStatus(2)
  t.match(making.stderr, /this is an option of "ingest", not of "update"/)
  const only = (await dasy(['plan', source, '--existing-only'], { env })).expectStatus(2)
  t.match(only.stderr, /this is an option of "update", not of "ingest"/)
})

t.test('what only a write can tell is tried out', async (t) => {
  const db = await testDatabase(t)
  await db.run('CREATE TABLE products (sku text PRIMARY KEY, name text DEFAULT 1, CHECK (sku <> name))')
  const env = { DATABASE_URL: db.url }
  const planned = await dasy(['plan', file(t, 'sku\na\nb\n'), '--json'], { env })
  t.match(planned.expectStatus(0).json(), {
    status: 'planned',
    sample: [
      { op: 'insert', new: { sku: 'a', name: '1' } },
      { op: 'insert', new: { sku: 'b', name: '1' } },
    ],
  })
  t.equal(await db.value('SELECT count(*) FROM products'), 0)
})
