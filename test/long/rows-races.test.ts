import t from 'tap'
import { products, refusal, tableOf } from '../rows/open.js'
import { ingest, runs } from '../support/compiled.js'
import { file } from '../support/files.js'
import { compareTables, countsOf } from '../support/oracle.js'

/** Many clients write at the same time. */

t.test('If-Match: of many who have read the same row, one writes it', async (t) => {
  const { db, rows } = await tableOf(
    t,
    `CREATE TABLE things (id integer PRIMARY KEY, n integer); INSERT INTO things VALUES (1, 0)`,
  )
  let written = 0
  const client = async (): Promise<void> => {
    for (let mine = 0; mine < 3; ) {
      const { row, etag } = await rows.get('things', ['1'])
      const { n } = JSON.parse(row) as { n: number }
      const body = `{"n":${n + 1}}`
      const result = await rows.patch('things', ['1'], body, { ifMatch: etag }).catch((error) => error)
      if (result.code === 'PRECONDITION_FAILED') continue
      if (result instanceof Error) throw result
      mine += 1
      written += 1
    }
  }
  await Promise.all(Array.from({ length: 6 }, client))
  t.equal(written, 18)
  t.equal(await db.value('SELECT n FROM things'), 18, 'none was lost')
  t.equal(await db.value(`SELECT count(*) FROM dasy.runs WHERE command = 'row'`), 18)
})

t.test('a row is made once', async (t) => {
  const { db, rows } = await products(t)
  const put = (n: number) => rows.put('products', ['new'], `{"name":"${n}"}`)
  const all = await Promise.all(Array.from({ length: 12 }, (_, n) => put(n)))
  t.equal(all.filter(({ made }) => made).length, 1)
  const only = await Promise.allSettled(
    Array.from({ length: 12 }, () => rows.put('products', ['other'], '{}', { ifNoneMatch: '*' })),
  )
  t.equal(only.filter(({ status }) => status === 'fulfilled').length, 1)
  const posted = await Promise.allSettled(
    Array.from({ length: 12 }, () => rows.insert('products', '[{"sku":"x"},{"sku":"y"}]')),
  )
  const codes = posted.map((each) => (each.status === 'fulfilled' ? 'done' : each.reason.code))
  t.same(new Set(codes), new Set(['done', 'KEY_EXISTS']))
  t.equal(codes.filter((code) => code === 'done').length, 1)
  await compareTables(t, db, 'products_agg', countsOf('products'))
})

t.test('only the row is locked; a load has to be waited for, but not for ever', async (t) => {
  const { db, rows } = await products(t)
  const other = await db.client()
  await other.query(`BEGIN; UPDATE products SET name = 'theirs' WHERE sku = 's1'`)
  t.match(await rows.patch('products', ['s2'], '{"name":"mine"}'), { made: false })
  const waiting = rows.patch('products', ['s1'], '{"description":"mine"}')
  await other.query('COMMIT')
  t.equal((await waiting).row, '{"sku":"s1","name":"theirs","description":"mine"}')

  await other.query('BEGIN; LOCK TABLE products IN EXCLUSIVE MODE')
  t.match(await rows.get('products', ['s1']), { row: /theirs/ }, 'reading goes on')
  const { patience } = await products(t, { lockSeconds: 0.2 }).then(({ rows: hasty, db: own }) => ({
    patience: { hasty, own },
  }))
  const holder = await patience.own.client()
  await holder.query('BEGIN; LOCK TABLE products IN EXCLUSIVE MODE')
  t.equal((await refusal(patience.hasty.patch('products', ['s1'], '{"name":"x"}'))).code, 'LOCK_TIMEOUT')
  await holder.query('ROLLBACK')
  await other.query('ROLLBACK')
})

t.test('loads and row writes at the same time', async (t) => {
  const { db, rows } = await products(t)
  const load = async (): Promise<void> => {
    for (let n = 0; n < 2; n++)
      await ingest(file(t, `sku,name\ns1,load ${n}\nl${n},load\n`), { databaseUrl: db.url })
  }
  const write = async (name: string): Promise<void> => {
    for (let n = 0; n < 6; n++) {
      await rows.put('products', [`${name}${n}`], `{"name":"row"}`)
      await rows.patch('products', ['s1'], `{"description":"${name}${n}"}`)
      if (n % 3 === 0) await rows.delete('products', [`${name}${n}`])
    }
  }
  await Promise.all([load(), write('a'), write('b')])
  await compareTables(t, db, 'products_agg', countsOf('products'))
  t.equal(await db.value(`SELECT count(*) FROM products WHERE name = 'row'`), 8)
})

t.test('rows by filter are purged; runs hides row writes', async (t) => {
  const { db, rows } = await products(t)
  const databaseUrl = db.url
  await rows.patch('products', ['s1'], '{"name":"x"}')
  t.same(
    (await runs({ databaseUrl })).map(({ command }) => command),
    ['ingest'],
  )
  t.same(
    (await runs({ databaseUrl, rows: true })).map(({ command }) => command),
    ['row', 'ingest'],
  )
  const filter = (value: string) => [{ column: 'name', operator: 'eq', value }] as const
  const receipt = await rows.purge('products', filter(`it's \\ "x"`))
  t.match(receipt, { command: 'purge', rows: { read: 0, deleted: 0 } })
  t.match((await rows.purge('products', filter('name 0'))).rows, { deleted: 4 })
  t.equal(await db.value('SELECT count(*) FROM products'), 6)
  t.match((await rows.purge('products', [])).rows, { deleted: 6 })
  t.same(
    (await runs({ databaseUrl })).map(({ command }) => command),
    ['purge', 'purge', 'purge', 'ingest'],
  )
})

t.test('a filter of a purge takes what the same filter lists', async (t) => {
  const { db, rows } = await tableOf(
    t,
    `CREATE TABLE things (id integer PRIMARY KEY, at timestamptz, name text);
     INSERT INTO things SELECT n, '2026-01-01 00:00+00'::timestamptz + n * interval '1 hour', 'n' || n FROM generate_series(1, 20) AS n`,
  )
  await db.run(`ALTER DATABASE ${db.name} SET TimeZone = 'Asia/Tokyo'`)
  const filters = [
    { column: 'at', operator: 'lt', value: '2026-01-01 05:00' },
    { column: 'name', operator: 'like', value: 'n%' },
    { column: 'id', operator: 'in', value: '1,2,3,4,19' },
  ] as const
  const listed = await rows.list('things', { filters, select: 'id' })
  t.same(listed.rows, ['{"id":1}', '{"id":2}', '{"id":3}', '{"id":4}'])
  t.match((await rows.purge('things', filters)).rows, { deleted: 4 })
  t.equal(await db.value('SELECT min(id) FROM things'), 5)
})

t.test('tables, and the groups of an aggregate', async (t) => {
  const { db, rows } = await products(t)
  await db.run('CREATE TABLE hidden (id integer PRIMARY KEY)')
  const [table, ...others] = await rows.tables()
  t.same(others, [])
  t.match(table, {
    table: 'products',
    columns: [{ name: 'sku', type: 'text', required: true }, { name: 'name' }, { name: 'description' }],
    key: ['sku'],
    aggregates: [{ name: 'products_agg', column: 'name', kind: 'live' }],
  })
  await db.run('ANALYZE products')
  t.match(await rows.tables(), [{ table: 'products', rows: 10 }])
  t.equal((await refusal(rows.list('hidden'))).code, 'TABLE_NOT_FOUND')
  t.equal((await refusal(rows.insert('hidden', '{"id":1}'))).code, 'TABLE_NOT_FOUND')

  await rows.insert('products', '[{"sku":"a"},{"sku":"b","name":"Zeta"},{"sku":"c","name":"alpha"}]')
  const page = await rows.groups('products', 'name', { limit: 2 })
  t.same(page.groups, ['{"value":"name 0","count":4}', '{"value":"name 1","count":3}'])
  const found = [...page.groups]
  for (let { cursor } = page; cursor !== null; ) {
    const next = await rows.groups('products', 'name', { limit: 2, cursor })
    found.push(...next.groups)
    cursor = next.cursor
  }
  t.same(found.slice(2), [
    '{"value":"name 2","count":3}',
    '{"value":"Zeta","count":1}',
    '{"value":"alpha","count":1}',
    '{"value":null,"count":1}',
  ])
  t.same(await rows.groups('products', 'name', { top: 1 }), {
    aggregate: 'products_agg',
    kind: 'live',
    groups: ['{"value":"name 0","count":4}'],
    cursor: null,
  })
  t.same((await rows.groups('products', 'name', { search: 'ETA' })).groups, ['{"value":"Zeta","count":1}'])
  t.equal((await refusal(rows.groups('products', 'description'))).code, 'AGGREGATE_NOT_FOUND')
  t.equal((await refusal(rows.groups('products', 'nothing'))).code, 'COLUMN_NOT_FOUND')
})

t.test('triggers, row by row', async (t) => {
  const { db, rows } = await tableOf(
    t,
    `CREATE TABLE things (id integer PRIMARY KEY, name text, at integer);
     CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       IF TG_OP = 'DELETE' THEN RETURN NULL; END IF;
       IF NEW.name = 'no' THEN RAISE EXCEPTION 'not this one'; END IF;
       IF NEW.name = 'gone' THEN RETURN NULL; END IF;
       NEW.name := upper(NEW.name); NEW.at := coalesce(NEW.at, 0) + 1;
       RETURN NEW;
     END $$;
     CREATE TRIGGER act BEFORE INSERT OR UPDATE OR DELETE ON things FOR EACH ROW EXECUTE FUNCTION act()`,
  )
  t.match(await rows.put('things', ['1'], '{"name":"a"}'), { row: '{"id":1,"name":"A","at":1}' })
  t.match(await rows.patch('things', ['1'], '{"name":"b"}'), { row: '{"id":1,"name":"B","at":2}' })
  t.match(await refusal(rows.put('things', ['2'], '{"name":"no"}')), {
    code: 'ROW_REFUSED',
    message: /not this one/,
  })
  t.match(await refusal(rows.put('things', ['2'], '{"name":"gone"}')), { code: 'ROW_REFUSED' })
  t.match(await refusal(rows.insert('things', '[{"id":2},{"id":3,"name":"gone"}]')), { code: 'ROW_REFUSED' })
  t.match(await refusal(rows.delete('things', ['1'])), { code: 'ROW_REFUSED' })
  t.same(await db.rows('SELECT * FROM things'), [{ id: 1, name: 'B', at: 2 }])
})
