import t, { type Test } from 'tap'
import { aggregate, ingest } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'

/** An aggregate equals GROUP BY of its table, whatever the column's type and whatever it takes for equal. */

const PREPARE = `
  CREATE EXTENSION IF NOT EXISTS citext;
  CREATE EXTENSION IF NOT EXISTS hstore;
  CREATE COLLATION level2 (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
  CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
  CREATE TYPE pair AS (a integer, b text);
  CREATE DOMAIN short AS text CHECK (length(value) < 50);
  CREATE DOMAIN shorter AS short NOT NULL;`

/** A type, and expressions over g, a number, some of which are equal and not the same. */
const TYPES: [string, string[]][] = [
  ['text', ["'n' || g % 5", "repeat('x', 5000) || g % 3", 'NULL', "''"]],
  ['varchar(20)', ["'n' || g % 5", "'n' || g % 5 || ' '"]],
  ['char(10)', ["'n' || g % 5", "'n' || g % 5 || '  '"]],
  ['name', ["'n' || g % 5"]],
  ['citext', ["'n' || g % 5", "'N' || g % 5", 'NULL']],
  ['text COLLATE level2', ["'n' || g % 5", "'N' || g % 5", 'NULL']],
  ['shorter', ["'n' || g % 5"]],
  ['integer', ['g % 7', 'NULL']],
  ['numeric(10,2)', ['g % 7', '(g % 7) + 0.50']],
  ['numeric', ['g % 7', '(g % 7)::numeric(10,3)', "'NaN'"]],
  ['float8', ["'-0'", '0', "'NaN'", 'g % 3']],
  ['boolean', ['g % 2 = 0', 'NULL']],
  [
    'jsonb',
    ["jsonb_build_object('a', g % 3)", "jsonb_build_object('a', (g % 3)::numeric(5,2))", "'null'", 'NULL'],
  ],
  ['text[]', ["ARRAY['a', 'b' || g % 3]", "ARRAY[NULL, 'a']", "'{}'", "ARRAY[repeat('y', 9000)]"]],
  ['citext[]', ["ARRAY['a' || g % 3]::citext[]", "ARRAY['A' || g % 3]::citext[]"]],
  ['money[]', ['ARRAY[(g % 3)::money]']],
  ['int4range', ['int4range(g % 3, 9)', "'empty'"]],
  ['mood', ["CASE g % 3 WHEN 0 THEN 'sad' WHEN 1 THEN 'ok' ELSE NULL END::mood"]],
  ['pair', ["ROW(g % 2, 'x')::pair", 'ROW(NULL, NULL)::pair', 'NULL']],
  ['bytea', ["('n' || g % 5)::bytea", "convert_to(repeat('z', 1000000) || g % 2, 'UTF8')"]],
  ['timestamptz', ["'2024-01-01 00:00+00'::timestamptz + (g % 3) * interval '1 day'", "'infinity'"]],
  ['interval', ["'1 day'", "'24 hours'", "'1 month'", "'30 days'"]],
  ['uuid', ["('00000000-0000-0000-0000-00000000000' || g % 4)::uuid"]],
  ['inet', ["('10.0.0.' || g % 4)::inet", "'10.0.0.1/24'"]],
  ['money', ['(g % 5)::money']],
  ['bit(8)', ['(g % 5)::bit(8)']],
  ['varbit', ["B'101'", "B'1010'"]],
  ['tsvector', ["('a b' || g % 3)::tsvector"]],
  ['hstore', ["hstore('a', (g % 3)::text)", 'NULL']],
  ['xid', ['(g % 3)::text::xid']],
]

function dice(seed: number): (sides: number) => number {
  let state = seed
  return (sides) => {
    state = (state * 1103515245 + 12345) % 2147483648
    return Math.floor((state / 2147483648) * sides)
  }
}

/** By counts alone and by matching each row, because equal values may be written in several ways. */
async function assertSameAsGroups(t: Test, db: TestDatabase, table: string, message: string): Promise<void> {
  const wrong = await db.rows(`
    SELECT sum(c), sum(k)
      FROM (SELECT v, count(*) AS c, 0 AS k FROM ${table} GROUP BY v
             UNION ALL
            SELECT v, 0, no_of_${table} FROM ${table}_agg_v) AS both_sides
     GROUP BY v
    HAVING sum(c) <> sum(k) OR count(*) <> 2`)
  t.same(wrong, [], message)
}

function randomWrite(table: string, values: readonly string[], roll: (sides: number) => number): string {
  const value = () => values[roll(values.length)] as string
  const from = roll(60)
  switch (roll(5)) {
    case 0:
      return `DELETE FROM ${table} WHERE id BETWEEN ${from} AND ${from + roll(15)}`
    case 1:
      return `UPDATE ${table} AS x SET v = (SELECT ${value()} FROM (VALUES (x.id)) AS n (g)) WHERE id % ${1 + roll(4)} = 0`
    case 2:
      return `INSERT INTO ${table} SELECT g, ${value()} FROM generate_series(${from}, ${from + 20}) AS g
                  ON CONFLICT (id) DO UPDATE SET v = excluded.v WHERE excluded.id % 2 = 0`
    case 3:
      return `WITH gone AS (DELETE FROM ${table} WHERE id = ${from} RETURNING id)
              INSERT INTO ${table} SELECT max(id) + 1 + ${from}, (SELECT ${value()} FROM (VALUES (1)) AS n (g))
                FROM (SELECT id FROM ${table} UNION ALL SELECT 100 + id FROM gone) AS ids`
    default:
      return `MERGE INTO ${table} AS x
              USING (SELECT g, ${value()} AS v FROM generate_series(${from}, ${from + 9}) AS g) AS s ON x.id = s.g
               WHEN MATCHED AND x.id % 3 = 0 THEN DELETE
               WHEN MATCHED THEN UPDATE SET v = s.v
               WHEN NOT MATCHED THEN INSERT VALUES (s.g, s.v)`
  }
}

t.test('an aggregate equals GROUP BY, for each type and whatever is written', async (t) => {
  const db = await testDatabase(t)
  await db.run(PREPARE)
  for (const [index, [type, expressions]] of TYPES.entries()) {
    const values = expressions.map((each) => `CAST(${each} AS ${type.replace(/ COLLATE.*/, '')})`)
    await t.test(type, async (t) => {
      const table = `t${index}`
      await db.run(`CREATE TABLE ${table} (id integer PRIMARY KEY, v ${type});
        INSERT INTO ${table} SELECT g, ${values[0]} FROM generate_series(1, 40) AS g`)
      await aggregate(table, 'v', { databaseUrl: db.url })
      await assertSameAsGroups(t, db, table, 'as it is made')
      const roll = dice(index + 1)
      for (const foldAfter of [1_000_000, 1]) {
        await db.run(`CREATE OR REPLACE FUNCTION dasy.fold_after(level integer) RETURNS bigint
          LANGUAGE sql IMMUTABLE AS 'SELECT ${foldAfter}::bigint'`)
        for (let count = 0; count < 12; count++) {
          const write = randomWrite(table, values, roll)
          await db.run(write)
          await assertSameAsGroups(t, db, table, write)
        }
      }
      const { groups } = await aggregate(table, 'v', { databaseUrl: db.url })
      t.equal(groups, await db.value(`SELECT count(*) FROM (SELECT FROM ${table} GROUP BY v) AS g`))
      t.match(await aggregate(table, 'v', { databaseUrl: db.url, check: true }), { check: { differing: 0 } })
      await assertSameAsGroups(t, db, table, 'after a refresh')
      t.equal(await db.value(`SELECT count(*) FROM dasy.groups_${index + 1} WHERE level BETWEEN 0 AND 8`), 0)
    })
  }
})

t.test('what has no equality is refused when it is asked for', async (t) => {
  const db = await testDatabase(t)
  await db.run(
    'CREATE TYPE holder AS (j json); CREATE TABLE things (a json, b xml, c point, d json[], e holder)',
  )
  for (const column of ['a', 'b', 'c', 'd', 'e']) {
    for (const kind of [{}, { manual: true }, { as: 'view' as const }]) {
      const refused = aggregate('things', column, { databaseUrl: db.url, ...kind })
      t.match(await failure(t, refused), { code: 'AGGREGATE_NOT_POSSIBLE', exitStatus: 1 }, column)
    }
  }
})

t.test('a load folds what was written, whatever is equal', async (t) => {
  const db = await testDatabase(t)
  await db.run(`${PREPARE}
    CREATE TABLE a (sku text PRIMARY KEY, v citext);
    CREATE TABLE b (sku text PRIMARY KEY, v text COLLATE level2);
    CREATE TABLE c (sku text PRIMARY KEY, v numeric(10, 2))`)
  for (const [table, one, other] of [
    ['a', 'x', 'X'],
    ['b', 'x', 'X'],
    ['c', '1.5', '1.50'],
  ] as const) {
    await aggregate(table, 'v', { databaseUrl: db.url })
    const options = { databaseUrl: db.url, table }
    await ingest(file(t, `sku,v\n1,${one}\n2,${other}\n3,${one}\n4,\n`), options)
    await assertSameAsGroups(t, db, table, 'a first load')
    await db.run(
      `INSERT INTO ${table} VALUES ('5', '${other}'), ('6', NULL); DELETE FROM ${table} WHERE sku = '1'`,
    )
    const { aggregates } = await ingest(
      file(t, `sku,v\n1,${other}\n2,\n3,${other}\n4,${one}\n7,9\n`),
      options,
    )
    await assertSameAsGroups(t, db, table, 'a second one')
    t.match(aggregates, [{ groups: 3 }])
    t.equal(await db.value(`SELECT count(*) FROM ${table}_agg_v WHERE v = '${other}'`), 1, 'and it is found')
  }
})
