import t from 'tap'
import { type CliResult, dasy } from '../support/cli.js'
import { failsForPeople, failsForPrograms } from '../support/cli-failure.js'
import { type TestDatabase, testDatabase } from '../support/database.js'

async function things(t: Parameters<typeof testDatabase>[0]) {
  const db = await testDatabase(t)
  await db.run(`CREATE TABLE things (id text PRIMARY KEY, name text, "Grösse (cm)" text);
    INSERT INTO things VALUES ('1', 'Ann', 'S'), ('2', 'Ann', 'S'), ('3', 'Bob', 'S'), ('4', NULL, 'L')`)
  return { db, options: { env: { DATABASE_URL: db.url } } }
}

async function counts(db: TestDatabase, aggregate: string): Promise<unknown[]> {
  return (await db.rows(`SELECT * FROM ${aggregate} ORDER BY 2 DESC, 1`)).map((row) => Object.values(row))
}

t.test('an aggregate is made, its largest groups are printed, and it follows the table', async (t) => {
  const { db, options } = await things(t)
  const first = (await dasy(['aggregate', 'things', 'name'], options)).expectStatus(0)
  t.match(first.stdout, /^things_agg\b.*\b3 groups\b.*\n +2 +Ann\n/, 'the name, the size, the largest first')
  t.match(first.stdout, /^ +1 +\(null\)$/m)
  t.equal(first.stderr, '')
  await db.run("INSERT INTO things VALUES ('5', 'Bob'), ('6', 'Bob')")
  const query = 'SELECT name, no_of_things FROM things_agg ORDER BY name'
  t.same(await db.rows(query), [
    { name: 'Ann', no_of_things: 2 },
    { name: 'Bob', no_of_things: 3 },
    { name: null, no_of_things: 1 },
  ])
  const again = (await dasy(['aggregate', 'things', 'name', '--top', '1', '--json'], options)).expectStatus(0)
  t.match(again.json(), {
    aggregate: 'things_agg',
    table: 'things',
    column: 'name',
    groups: 3,
    largest: [{ value: 'Bob', count: 3 }],
  })
  t.equal(again.json<{ largest: unknown[] }>().largest.length, 1, '--top says how many')
  t.equal((await dasy(['aggregate', 'things', 'name', '--quiet'], options)).expectStatus(0).stdout, '')
})

t.test('another column, another name, a view, and --manual', async (t) => {
  const { db, options } = await things(t)
  const make = async (...args: string[]): Promise<CliResult> =>
    (await dasy(['aggregate', 'things', ...args, '--json'], options)).expectStatus(0)

  t.match((await make('Grösse (cm)')).json(), { aggregate: 'things_agg_Grösse (cm)', groups: 2 })
  t.same(await counts(db, '"things_agg_Grösse (cm)"'), [
    ['S', 3],
    ['L', 1],
  ])
  t.match((await make('name', '--as', 'view', '--into', 'names')).json(), {
    aggregate: 'names',
    kind: 'view',
  })
  t.equal(await db.value("SELECT relkind FROM pg_class WHERE relname = 'names'"), 'v')
  t.match((await make('id', '--manual')).json(), { aggregate: 'things_agg_id', groups: 4 })
  await db.run("INSERT INTO things VALUES ('5', 'Bob', 'L')")
  t.same(
    await counts(db, 'names'),
    [
      ['Ann', 2],
      ['Bob', 2],
      [null, 1],
    ],
    'a view is right at once',
  )
  t.equal((await counts(db, 'things_agg_id')).length, 4, 'a manual one is not')
  t.match((await make('id')).json(), { action: 'refreshed', groups: 5 }, 'until this command refreshes it')

  t.match((await make('id', '--drop')).json(), { aggregate: 'things_agg_id', action: 'dropped' })
  t.match((await make('name', '--into', 'names', '--drop')).json(), { action: 'dropped' })
  t.same(await db.rows("SELECT relname FROM pg_class WHERE relname IN ('names', 'things_agg_id')"), [])
  const none = { status: 1, code: 'AGGREGATE_NOT_FOUND', says: ['things', '"id"'] }
  await failsForPrograms(t, ['aggregate', 'things', 'id', '--drop'], none, options)
})

t.test('what is not there is refused, and the near one suggested', async (t) => {
  const { db, options } = await things(t)
  const column = { status: 1, code: 'COLUMN_NOT_FOUND', says: ['"nmae"', '"name"', 'things'] }
  await failsForPrograms(t, ['aggregate', 'things', 'nmae'], column, options)
  await failsForPeople(t, ['aggregate', 'thigns', 'name'], { status: 1, says: ['thigns'] }, options)
  const table = { status: 1, code: 'TABLE_NOT_FOUND', says: ['no.things'] }
  await failsForPrograms(t, ['aggregate', 'no.things', 'name'], table, options)
  const taken = { status: 1, code: 'NAME_TAKEN', says: ['things', '--into'] }
  await failsForPrograms(t, ['aggregate', 'things', 'name', '--into', 'things'], taken, options)
  t.same(
    await db.rows("SELECT relname FROM pg_class WHERE relname LIKE 'things\\_agg%'"),
    [],
    'nothing was made',
  )
})

t.test('long names are cut as PostgreSQL cuts them, and --into must fit', async (t) => {
  const db = await testDatabase(t)
  const options = { env: { DATABASE_URL: db.url } }
  const [table, column] = [`ü${'t'.repeat(60)}`, 'c'.repeat(63)]
  await db.run(`CREATE TABLE ${table} (${column} text, name text); INSERT INTO ${table} VALUES ('x'), ('x')`)
  const long = { status: 2, code: 'BAD_OPTION', says: [/63/, '--into'] }
  await failsForPrograms(t, ['aggregate', table, column, '--into', 'i'.repeat(64)], long, options)
  for (const [counted, ...into] of [[column, '--into', 'short'], [column], ['name']]) {
    const args = ['aggregate', table, counted as string, ...into, '--json']
    const made = (await dasy(args, options)).expectStatus(0)
    t.match(made.json(), { groups: 1, largest: [{ count: 2 }] })
    if (into.length > 0) (await dasy([...args, '--drop'], options)).expectStatus(0)
  }
  const names = await db.rows(
    "SELECT relname FROM pg_class WHERE relkind = 'v' AND relname LIKE 'ü%' ORDER BY 1",
  )
  t.same(
    names,
    [{ relname: `ü${'t'.repeat(57)}_agg` }, { relname: `ü${'t'.repeat(27)}_agg_${'c'.repeat(29)}` }].sort(
      (a, b) => (a.relname < b.relname ? -1 : 1),
    ),
  )
})

t.test('control characters in the data do not reach the terminal', async (t) => {
  const { db, options } = await things(t)
  await db.run("INSERT INTO things VALUES ('7', E'\\x1b[2Jgone')")
  const { stdout } = (await dasy(['aggregate', 'things', 'name'], options)).expectStatus(0)
  t.match(stdout, 'gone')
  t.notMatch(stdout, '\x1b')
})
