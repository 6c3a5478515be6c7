import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { LoadOptions } from '../../lib/index.js'
import { ingest, resume, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { into } from '../support/events.js'
import { failure } from '../support/failure.js'
import { file, folder } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { rowVersions } from '../support/rows.js'

const CSV = 'sku,name,unit price\n1,one,5\n2,two,6\n1,uno,7\n3,,\n'
const LOADED = ['products', 'products_agg']

/** A load of a small file with SQL around it. */
class Pipeline {
  readonly csv: string
  readonly #folder: string

  constructor(
    t: Test,
    readonly db: TestDatabase,
    csv = CSV,
  ) {
    this.#folder = folder(t)
    this.csv = file(t, csv)
  }

  /** Writes a SQL file. @returns its path */
  sql(name: 'before' | 'after', text: string): string {
    const path = join(this.#folder, `${name}.sql`)
    writeFileSync(path, text)
    return path
  }

  ingest(sql: { before?: string; after?: string }, options: LoadOptions = {}) {
    return ingest(this.csv, {
      databaseUrl: this.db.url,
      ...(sql.before !== undefined && { before: this.sql('before', sql.before) }),
      ...(sql.after !== undefined && { after: this.sql('after', sql.after) }),
      ...options,
    })
  }
}

t.test('SQL runs before the merge and after it, in the transaction that publishes', async (t) => {
  const db = await testDatabase(t)
  const pipeline = new Pipeline(t, db)
  const tell = (when: string) => `
    INSERT INTO told
    SELECT '${when}', current_setting('dasy.run')::bigint, txid_current(),
           (SELECT count(*) FROM staged),
           to_regclass('products') IS NOT NULL AND (xpath('/row/n/text()', query_to_xml('SELECT count(*) AS n FROM products', false, true, '')))[1]::text = '3';`
  await db.run('CREATE TABLE products (sku text PRIMARY KEY, name text, "unit price" text)')
  const receipt = await pipeline.ingest({
    before: `CREATE TABLE told (place text, run bigint, tx bigint, staged bigint, merged boolean); ${tell('before')}`,
    after: `${tell('after')} UPDATE told SET merged = merged AND (SELECT sum(no_of_products) FROM products_agg) = 3 WHERE place = 'after'`,
  })
  const { run } = receipt
  const told = await db.rows('SELECT place, run, staged, merged FROM told ORDER BY place DESC')
  t.same(told, [
    { place: 'before', run, staged: 3, merged: false },
    { place: 'after', run, staged: 3, merged: true },
  ])
  t.equal(await db.value('SELECT count(DISTINCT tx) FROM told'), 1, 'it is one transaction')
  t.equal(
    await db.value('SELECT xmin::text::bigint = (SELECT max(tx) FROM told) FROM products LIMIT 1'),
    true,
  )
  await assertNothingLeft(t, db, { tables: [...LOADED, 'told'] })
})

t.test('staged holds the records that count, as text, in the order of the file', async (t) => {
  const db = await testDatabase(t)
  const after =
    'CREATE TABLE seen AS SELECT row_number() OVER (ORDER BY dasy_position) AS place, sku, name, "unit price" FROM staged'
  for (const [duplicates, expected] of [
    [
      'last',
      [
        ['2', 'two', '6'],
        ['1', 'uno', '7'],
        ['3', null, null],
      ],
    ],
    [
      'first',
      [
        ['1', 'one', '5'],
        ['2', 'two', '6'],
        ['3', null, null],
      ],
    ],
  ] as const) {
    await new Pipeline(t, db).ingest({ after }, { duplicates, restart: true })
    const seen = await db.rows('SELECT sku, name, "unit price" FROM seen ORDER BY place')
    t.same(
      seen.map((row) => Object.values(row)),
      expected,
      duplicates,
    )
    await db.run('DROP TABLE seen')
  }
  await new Pipeline(t, db, 'sku,name\n,none\n5,five\n').ingest(
    { after: 'CREATE TABLE seen AS SELECT sku FROM staged' },
    { maxRejects: 1 },
  )
  t.same(await db.rows('SELECT * FROM seen'), [{ sku: '5' }], 'rejects do not count')
  const types =
    "SELECT string_agg(DISTINCT data_type, ',') FROM information_schema.columns WHERE table_name = 'seen'"
  t.equal(await db.value(types), 'text')
})

t.test('staged holds the records of several sources, a later one behind an earlier one', async (t) => {
  const db = await testDatabase(t)
  const after = file(
    t,
    'CREATE TABLE seen AS SELECT row_number() OVER (ORDER BY dasy_position) AS place, sku, name FROM staged',
  )
  const sources = ['sku,name\n1,one\n2,two\n', 'name,sku\nthree,3\nuno,1\n'].map((csv, at) =>
    file(t, csv, `${at}.csv`),
  )
  await ingest(sources, { databaseUrl: db.url, after })
  t.same(
    (await db.rows('SELECT sku, name FROM seen ORDER BY place')).map((row) => Object.values(row)),
    [
      ['2', 'two'],
      ['3', 'three'],
      ['1', 'uno'],
    ],
  )
})

t.test('before may make the schema of the table', async (t) => {
  const db = await testDatabase(t)
  const pipeline = new Pipeline(t, db)
  const before = 'CREATE SCHEMA IF NOT EXISTS raw'
  await pipeline.ingest({ before }, { table: 'raw.products' })
  await pipeline.ingest({ before }, { table: 'raw.products' })
  t.equal(await db.value('SELECT count(*) FROM raw.products'), 3)
})

t.test('what fails in a file leaves all as it was, and says where', async (t) => {
  const db = await testDatabase(t)
  const pipeline = new Pipeline(t, db)
  await db.run(`CREATE TABLE products (sku text PRIMARY KEY, name text, "unit price" text);
                INSERT INTO products VALUES ('1', 'old')`)
  await ingest(file(t, 'sku,name\n9,nine\n'), { databaseUrl: db.url })
  const state = async () => [await rowVersions(db, 'products'), await rowVersions(db, 'products_agg')]
  const asItWas = await state()
  const cases: [name: string, sql: string, line: number, message: RegExp, sqlState: string][] = [
    ['what is no SQL', 'CREATE TABLE x ();\n\nSELECT 1;\nSELEKT 2;', 4, /syntax error.*SELEKT/, '42601'],
    ['a column that is missing', "SELECT '😀',\n 'ä', skx\nFROM staged", 2, /"skx"/, '42703'],
    ['a value', 'SELECT 1;\n-- why\nSELECT 1 / (count(*) - 3)\nFROM staged;', 3, /division by zero/, '22012'],
    ['a constraint', "\nINSERT INTO products (sku) VALUES\n('9')", 2, /products_pkey.*\(9\)/, '23505'],
    ['a function', '\nDO $$\nBEGIN\n  PERFORM 1 / 0;\nEND $$;', 2, /division by zero/, '22012'],
    ['its own limit', 'SET statement_timeout = 1;\nSELECT pg_sleep(9)', 2, /statement timeout/, '57014'],
    ['a COPY without data', 'CREATE TABLE x (a int);\nCOPY x FROM STDIN', 2, /COPY/, '57014'],
    ['a command of psql', "SELECT 1;\n\\copy x from 'y'", 2, /syntax error/, '42601'],
  ]
  for (const when of ['before', 'after'] as const) {
    for (const [name, sql, line, message, sqlState] of cases) {
      const error = await failure(t, pipeline.ingest({ [when]: sql }))
      const where = join(pipeline.sql(when, sql))
      t.match(
        error,
        { code: 'SQL_FILE_FAILED', exitStatus: 1, message, details: { file: where, line, sqlState } },
        name,
      )
      t.ok(error.message.startsWith(`${where}, line ${line}: `), `${name}: the message says where`)
    }
  }
  t.same(await state(), asItWas, 'the table and its aggregate are as they were')
  await assertNothingLeft(t, db, { tables: LOADED, stopped: 2 * cases.length })
})

t.test('a file cannot end the transaction', async (t) => {
  const db = await testDatabase(t)
  const pipeline = new Pipeline(t, db)
  const words = [
    'COMMIT',
    'rollback',
    'Begin',
    'END',
    'ABORT',
    'START TRANSACTION',
    "PREPARE TRANSACTION 'x'",
    'SAVEPOINT x',
    'RELEASE x',
  ]
  for (const word of words) {
    const error = await failure(t, pipeline.ingest({ after: `CREATE TABLE x ();\n/* a */ ${word} -- b\n;` }))
    t.match(error, { code: 'SQL_FILE_FAILED', details: { line: 2 } }, word)
  }
  t.equal(
    await db.value("SELECT count(*) FROM pg_namespace WHERE nspname = 'dasy'"),
    0,
    'before anything is begun',
  )
  await pipeline.ingest({ after: 'PREPARE a AS SELECT 1; EXECUTE a' })
  for (const hidden of [
    "DO $$ BEGIN EXECUTE 'COMMIT'; END $$",
    'DO $$ BEGIN COMMIT; END $$',
    'CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN ROLLBACK; END $$; CALL p()',
  ]) {
    t.match(await failure(t, pipeline.ingest({ after: hidden })), { code: 'SQL_FILE_FAILED' }, hidden)
  }
  await assertNothingLeft(t, db, { tables: LOADED, stopped: 3 })
})

t.test('what a file sets holds until its end', async (t) => {
  const db = await testDatabase(t)
  const { name } = await db.role()
  await db.run(`CREATE SCHEMA other; GRANT ${name} TO CURRENT_USER`)
  const before = `
    SET search_path = other; SET LOCAL DateStyle = 'German'; SET work_mem = '64kB'; SET my.word = 'kept';
    CREATE TABLE products (sku int PRIMARY KEY); SET ROLE ${name}`
  const after = `CREATE TABLE told AS
    SELECT current_setting('search_path') AS path, current_setting('DateStyle') AS style, current_user <> '${name}' AS own,
           current_setting('work_mem') AS memory, current_setting('my.word') AS word`
  await new Pipeline(t, db).ingest({ before, after })
  t.same(
    await db.rows('SELECT * FROM told'),
    [
      {
        path: '"$user", public',
        style: await db.value('SHOW DateStyle'),
        own: true,
        memory: '128MB',
        word: 'kept',
      },
    ],
    'and only what is the files’ own goes on',
  )
  t.equal(await db.value('SELECT count(*) FROM public.products'), 3)
})

t.test('a file that is missing is found before anything is read', async (t) => {
  const db = await testDatabase(t)
  const error = await failure(t, ingest(file(t, CSV), { databaseUrl: db.url, after: 'no/such.sql' }))
  t.match(error, {
    code: 'SQL_FILE_UNREADABLE',
    exitStatus: 1,
    message: /no\/such\.sql cannot be read: the file does not exist/,
  })
  t.equal(await db.value("SELECT count(*) FROM pg_namespace WHERE nspname = 'dasy'"), 0)
})

t.test('a run whose SQL failed is gone on with by the same text, or by resume with another', async (t) => {
  const db = await testDatabase(t)
  const pipeline = new Pipeline(t, db)
  const notes: string[] = []
  const options = { databaseUrl: db.url, onEvent: into(notes) }
  const after = 'INSERT INTO log SELECT sku FROM staged'
  const { details } = await failure(t, pipeline.ingest({ after }))
  const again = await failure(t, pipeline.ingest({ after }, options))
  t.equal(again.details.run, details.run, 'the same run')
  const other = await failure(t, pipeline.ingest({ after: `${after} -- mended` }, options))
  t.not(other.details.run, details.run, 'another text is another run')

  await db.run('CREATE TABLE log (sku text)')
  notes.length = 0
  const { run, rows } = await resume(Number(details.run), options)
  t.equal(run, details.run)
  t.match(notes.join('\n'), /after\.sql has changed since run \d+ began/)
  t.equal(rows.inserted, 3)
  t.equal(await db.value('SELECT count(*) FROM log'), 3)
})

t.test('files run in the order given, and for an update as well', async (t) => {
  const db = await testDatabase(t)
  await db.run(
    'CREATE TABLE log (place serial, word text); CREATE TABLE products (sku text PRIMARY KEY, name text)',
  )
  const say = (word: string) => file(t, `INSERT INTO log (word) VALUES ('${word}')`, `${word}.sql`)
  const options = { databaseUrl: db.url, before: [say('b2'), say('b1')], after: [say('a2'), say('a1')] }
  await update(file(t, 'sku,name\n1,one\n'), options)
  t.equal(await db.value("SELECT string_agg(word, ' ' ORDER BY place) FROM log"), 'b2 b1 a2 a1')
})

t.test('SQL that makes other columns each time ends the load', async (t) => {
  const db = await testDatabase(t)
  const pipeline = new Pipeline(t, db)
  await db.run('CREATE TABLE products (sku text PRIMARY KEY, name text, "unit price" text)')
  // What a sequence has counted stays so after a rollback.
  await db.run('CREATE SEQUENCE times')
  const before = `DO $$ BEGIN
    EXECUTE format('ALTER TABLE products ALTER name TYPE varchar(%s)', 10 + nextval('times'));
  END $$;`
  const error = await failure(t, pipeline.ingest({ before }))
  t.match(error, { code: 'TABLE_CHANGED', message: /^products had other columns/ })
  t.same(await db.rows('SELECT * FROM products'), [])
  t.same((await db.rows<{ n: number }>('SELECT last_value::integer AS n FROM times'))[0]?.n, 11)
})
