import t from 'tap'
import { migrateUp } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'

t.test('a table has one name for webhooks, however a run or a webhook writes it', async (t) => {
  const db = await testDatabase(t)
  await migrateUp({ databaseUrl: db.url })
  await db.run(`CREATE SCHEMA "shop.eu"; CREATE TABLE "shop.eu"."say ""x""" (i integer);
    CREATE TABLE "Goods" (i integer); CREATE TABLE "a.b" (i integer)`)
  const told = (name: string) => db.value('SELECT dasy.told_name($1)', [name])
  const names = {
    Goods: 'public."Goods"',
    'public.Goods': 'public."Goods"',
    '"a.b"': 'public."a.b"',
    'public."a.b"': 'public."a.b"',
    'a.b': 'a.b',
    '"shop.eu"."say ""x"""': '"shop.eu"."say ""x"""',
    goods: 'goods',
    'no name "at all': 'no name "at all',
  }
  for (const [name, expected] of Object.entries(names)) t.equal(await told(name), expected, name)
})

t.test('the tables of a webhook may be in a schema that the role of a load may not use', async (t) => {
  const db = await testDatabase(t)
  await migrateUp({ databaseUrl: db.url })
  const { url, name } = await db.role()
  await db.run(`CREATE SCHEMA secret; CREATE TABLE secret.t (i integer); GRANT USAGE ON SCHEMA dasy TO ${name};
    GRANT SELECT ON ALL TABLES IN SCHEMA dasy TO ${name};
    INSERT INTO dasy.webhooks (url, events, tables, secret)
    VALUES ('http://localhost', '{rows.changed}', '{secret.t}', 'x')`)
  const client = await db.client(url)
  const { rows } = await client.query(
    `SELECT dasy.wants_changes('low') AS low, dasy.wants_changes('secret.t') AS secret`,
  )
  t.same(rows, [{ low: false, secret: true }])
})
