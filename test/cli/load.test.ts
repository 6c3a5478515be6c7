import { statSync } from 'node:fs'
import t, { type Test } from 'tap'
import { dasy } from '../support/cli.js'
import { CliProcess } from '../support/cli-process.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file } from '../support/files.js'
import { RECEIPT_FIELDS } from '../support/receipt.js'

const CSV = 'sku,name,description\na,Ann,one\nb,Bob,two\na,Ann,three\nc,Ann,\n'

const ROWS = ['read', 'rejected', 'duplicates', 'inserted', 'updated', 'unchanged', 'skipped', 'deleted']
const SECONDS = ['total', 'start', 'plan', 'copy', 'merge', 'aggregate']

type Receipt = Record<string, unknown> & { rows: Record<string, number>; seconds: Record<string, number> }

/** That it has the contract's fields and no others, and that its parts add up. */
function checkReceipt(t: Test, { ...receipt }: Receipt): void {
  t.same(Object.keys(receipt), RECEIPT_FIELDS, 'the fields of the contract, in its order')
  t.same(Object.keys(receipt.rows), ROWS)
  t.same(Object.keys(receipt.seconds), SECONDS)
  const { read, deleted: _, ...fates } = receipt.rows as { read: number; deleted: number }
  t.equal(sum(Object.values(fates)), read, 'each record that was read went somewhere')
  const { total, ...parts } = receipt.seconds as { total: number }
  t.ok(Math.abs(sum(Object.values(parts)) - total) < 1e-6, 'the seconds add up to the total', {
    found: receipt,
  })
  t.ok(total > 0)
  t.ok((receipt.seconds.start ?? 0) > 0, 'the start of the process counts')
}

function sum(numbers: number[]): number {
  return numbers.reduce((one, other) => one + other, 0)
}

/** As CliOptions want it. */
function using({ url }: TestDatabase) {
  return { env: { DATABASE_URL: url } }
}

t.test('the receipt of an ingest, as JSON, has every field of the contract and nothing else', async (t) => {
  const db = await testDatabase(t)
  const source = file(t, CSV)
  const result = (await dasy(['ingest', source, '--json', '--workers', '2'], using(db))).expectStatus(0)
  const receipt = result.json<Receipt>()
  checkReceipt(t, receipt)
  t.match(receipt, {
    run: 1,
    command: 'ingest',
    status: 'completed',
    source,
    table: 'products',
    key: ['sku'],
    bytes: statSync(source).size,
    aggregates: [{ table: 'products_agg', groups: 2 }],
  })
  t.same(receipt.rows, {
    read: 4,
    rejected: 0,
    duplicates: 1,
    inserted: 3,
    updated: 0,
    unchanged: 0,
    skipped: 0,
    deleted: 0,
  })
  t.ok(Number.isInteger(receipt.workers) && (receipt.workers as number) >= 1, 'workers is a number')
  t.equal(result.stdout.trim().split('\n').length, 1, 'it is one line')
  t.match(
    result.stderr,
    /^dasy: [^\n]+: comma, UTF-8, LF, header: [^\n]+\n$/,
    'how the file is read, and no more',
  )
  const rows = await db.rows('SELECT sku, description FROM products ORDER BY sku')
  t.same(rows, [
    { sku: 'a', description: 'three' },
    { sku: 'b', description: 'two' },
    { sku: 'c', description: null },
  ])
})

t.test('the receipt of an update counts what changed, what did not and what was left out', async (t) => {
  const db = await testDatabase(t)
  await dasy(['ingest', file(t, CSV), '--quiet'], using(db)).then((first) => first.expectStatus(0))
  const news = file(t, 'description,sku\nthree,a\nnew,b\nnobody,x\n')
  const result = await dasy(['update', news, '--existing-only', '--json'], using(db))
  const receipt = result.expectStatus(0).json<Receipt>()
  checkReceipt(t, receipt)
  t.match(receipt, { run: 2, command: 'update', status: 'completed', key: ['sku'] })
  t.match(receipt.rows, { read: 3, inserted: 0, updated: 1, unchanged: 1, skipped: 1 })
})

t.test('a composite key and a table in a schema are told as they were given', async (t) => {
  const db = await testDatabase(t)
  await db.run('CREATE SCHEMA shop')
  const args = ['ingest', file(t, CSV), '--table', 'shop.things', '--key', 'sku,name', '--json']
  const receipt = (await dasy(args, using(db))).expectStatus(0).json<Receipt>()
  checkReceipt(t, receipt)
  t.match(receipt, { table: 'shop.things', key: ['sku', 'name'], aggregates: [] })
})

t.test('a person reads what happened to the file, on standard output alone', async (t) => {
  const db = await testDatabase(t)
  const source = file(t, CSV, 'my products.csv')
  const { stdout, stderr } = (await dasy(['ingest', source], using(db))).expectStatus(0)
  t.match(stdout, source, 'the file')
  t.match(stdout, /\bproducts\b/, 'the table')
  t.match(stdout, /\brun 1 completed in \d+\.\d+ s/)
  for (const [name, count] of Object.entries({ read: 4, duplicates: 1, inserted: 3, products_agg: 2 })) {
    t.match(stdout, new RegExp(`^ +${name} +${count}\\b`, 'm'))
  }
  t.notMatch(stdout, /NaN|undefined|null|rejected/, 'and nothing of what did not happen')
  t.equal(stderr, `dasy: ${source}: comma, UTF-8, LF, header: sku, name, description\n`, 'how it is read')
})

t.test('--quiet prints nothing, --no-quiet the receipt, and --json its object in any case', async (t) => {
  const db = await testDatabase(t)
  const source = file(t, CSV)
  const quiet = (await dasy(['ingest', source, '--quiet'], using(db))).expectStatus(0)
  t.same([quiet.stdout, quiet.stderr], ['', ''])
  const short = (await dasy(['ingest', source, '-q'], using(db))).expectStatus(0)
  t.same([short.stdout, short.stderr], ['', ''])
  t.match((await dasy(['ingest', source, '--no-quiet'], using(db))).expectStatus(0).stdout, /completed/)
  t.match(
    (await dasy(['ingest', source, '--no-json'], using(db))).expectStatus(0).stdout,
    /^ +unchanged +3\b/m,
  )
  const both = (await dasy(['ingest', source, '--json', '--quiet'], using(db))).expectStatus(0)
  checkReceipt(t, both.json())
  t.equal(both.stderr, '')
})

t.test(
  'what is said while it runs goes to standard error, line by line, or nowhere with --quiet',
  async (t) => {
    const db = await testDatabase(t)
    const source = file(t, CSV)
    const tables = ['loud', 'soft']
    for (const table of tables)
      await db.run(`CREATE TABLE ${table} (sku text PRIMARY KEY, name text, description text)`)
    const holder = await db.client()
    await holder.query('BEGIN; LOCK TABLE loud, soft IN SHARE MODE')
    const [loud, soft] = [
      ['--table', 'loud', '--progress'],
      ['--table', 'soft', '--quiet'],
    ].map((args) =>
      CliProcess.start(t, ['ingest', source, '--json', ...args], { env: { DATABASE_URL: db.url } }),
    ) as [CliProcess, CliProcess]
    await loud.until('it says how far it is', () => /^dasy: merge/m.test(loud.stderr))
    await soft.until('it waits as well', async () => (await db.value('SELECT count(*) FROM dasy.runs')) === 2)
    t.match(loud.stderr, /^dasy: merge, writing rows, 4 records/m, 'the phase and the records so far')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    t.notMatch(loud.stderr, /[\r\x1b]/, 'no bar where there is no terminal')
    await holder.query('COMMIT')
    for (const [command, said] of [
      [loud, /^(dasy: .+\n)+$/],
      [soft, /^$/],
    ] as const) {
      const { status, stdout, stderr } = await command.ended
      t.equal(status, 0, stderr)
      t.match(stderr, said)
      checkReceipt(t, JSON.parse(stdout))
    }
  },
)

t.test('whoever stops reading our outputs does not stop the load', async (t) => {
  const db = await testDatabase(t)
  const load = CliProcess.start(t, ['ingest', file(t, CSV)], { env: { DATABASE_URL: db.url } })
  load.stopReading() // before it tells how the file is read
  t.equal((await load.ended).status, 0)
  t.equal(await db.value('SELECT count(*) FROM products'), 3)
})
