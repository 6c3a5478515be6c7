import t from 'tap'
import { ingest, update } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'
import { newestRejects } from '../support/ledger.js'
import { compareTables, countsOf } from '../support/oracle.js'

/** Tables that do not store what is written to them: rows are left out, put elsewhere, or changed on the way. */

const THINGS = `
  CREATE TABLE things (sku text PRIMARY KEY, name text);
  INSERT INTO things VALUES ('1', 'one'), ('2', 'two'), ('3', 'three')`

const CONTENT = 'sku,name\n1,new\n2,bad\n4,new\n5,bad\n6,new\n'

const trigger = (body: string, when = 'BEFORE INSERT OR UPDATE') => `
  CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$;
  CREATE TRIGGER keep_out ${when} ON things FOR EACH ROW EXECUTE FUNCTION act()`

const LEAVING_OUT: Record<string, { sql: string; reason: RegExp }> = {
  'a trigger that drops rows': {
    sql: trigger(`IF NEW.name = 'bad' THEN RETURN NULL; END IF; RETURN NEW;`),
    reason: /the table did not take the row \(trigger "keep_out"\)/,
  },
  'a trigger that puts them elsewhere': {
    sql: `CREATE TABLE elsewhere (sku text, name text); ${trigger(`
      IF NEW.name = 'bad' THEN INSERT INTO elsewhere VALUES (NEW.sku, NEW.name); RETURN NULL; END IF;
      RETURN NEW;`)}`,
    reason: /trigger "keep_out"/,
  },
  'a trigger that changes the key': {
    sql: trigger(`IF NEW.name = 'bad' THEN NEW.sku := NEW.sku || '-changed'; END IF; RETURN NEW;`),
    reason: /trigger "keep_out"/,
  },
  'a trigger that deletes them afterwards': {
    sql: trigger(
      `DELETE FROM things WHERE sku = NEW.sku AND NEW.name = 'bad'; RETURN NULL;`,
      'AFTER INSERT OR UPDATE',
    ),
    reason: /trigger "keep_out"/,
  },
  'rules that do nothing instead': {
    sql: `
      CREATE RULE no_insert AS ON INSERT TO things WHERE NEW.name = 'bad' DO INSTEAD NOTHING;
      CREATE RULE no_update AS ON UPDATE TO things WHERE NEW.name = 'bad' DO INSTEAD NOTHING`,
    reason: /rule "no_insert", rule "no_update"/,
  },
  'rules that do something else instead': {
    sql: `
      CREATE TABLE elsewhere (sku text, name text);
      CREATE RULE other_insert AS ON INSERT TO things WHERE NEW.name = 'bad'
        DO INSTEAD INSERT INTO elsewhere VALUES (NEW.sku, NEW.name);
      CREATE RULE other_update AS ON UPDATE TO things WHERE NEW.name = 'bad'
        DO INSTEAD INSERT INTO elsewhere VALUES (NEW.sku, NEW.name)`,
    reason: /rule "other_insert", rule "other_update"/,
  },
}

for (const [name, { sql, reason }] of Object.entries(LEAVING_OUT)) {
  t.test(`${name}: they are rejected, the others loaded`, async (t) => {
    const db = await testDatabase(t)
    await db.run(`${THINGS}; ${sql}`)
    const options = { databaseUrl: db.url, table: 'things' }
    const path = file(t, CONTENT)

    const error = await failure(t, update(path, options))
    t.match(error, { code: 'TOO_MANY_REJECTS', exitStatus: 3 })
    t.equal(await db.value('SELECT count(*) FROM things'), 3, 'the table is as it was')

    const receipt = await update(path, { ...options, maxRejects: 2, aggregates: [{ column: 'name' }] })
    t.match(receipt.rows, { read: 5, rejected: 2, inserted: 2, updated: 1, unchanged: 0 })
    const rejects = await newestRejects(db)
    t.match(
      rejects.map(({ line, reason }) => ({ line, reason })),
      [
        { line: 3, reason },
        { line: 5, reason },
      ],
    )
    t.same(await db.rows('SELECT sku, name FROM things ORDER BY sku'), [
      { sku: '1', name: 'new' },
      { sku: '2', name: 'two' },
      { sku: '3', name: 'three' },
      { sku: '4', name: 'new' },
      { sku: '6', name: 'new' },
    ])
    await compareTables(t, db, 'things_agg', countsOf('things', 'name', 'no_of_things'))
    if (/elsewhere/.test(sql))
      t.equal(await db.value('SELECT count(*) FROM elsewhere'), 0, 'what is rejected is nowhere')

    const again = await update(path, { ...options, maxRejects: 2 })
    t.match(again.rows, { read: 5, rejected: 2, inserted: 0, updated: 0, unchanged: 3 }, 'the same again')
  })
}

t.test('a rule that takes all rows elsewhere', async (t) => {
  const db = await testDatabase(t)
  await db.run(`${THINGS};
    CREATE TABLE elsewhere (sku text, name text);
    CREATE RULE away AS ON INSERT TO things DO INSTEAD INSERT INTO elsewhere VALUES (NEW.sku, NEW.name)`)
  const error = await failure(
    t,
    update(file(t, 'sku,name\n7,x\n8,y\n'), { databaseUrl: db.url, table: 'things' }),
  )
  t.match(error, { code: 'TOO_MANY_REJECTS' })
  t.equal(await db.value('SELECT count(*) FROM elsewhere'), 0)
})

t.test('a trigger that changes values: what it stores is what counts', async (t) => {
  const db = await testDatabase(t)
  await db.run(`${THINGS}; ${trigger('NEW.name := upper(NEW.name); RETURN NEW;')}`)
  const options = { databaseUrl: db.url, table: 'things', aggregates: [{ column: 'name' }] }
  const path = file(t, 'sku,name\n1,new\n4,new\n')
  t.match((await update(path, options)).rows, { inserted: 1, updated: 1, unchanged: 0 })
  t.match((await update(path, options)).rows, { inserted: 0, updated: 0, unchanged: 2 }, 'the same again')
  await compareTables(t, db, 'things_agg', countsOf('things', 'name', 'no_of_things'))
})

t.test('a trigger that changes the table once more, afterwards: aggregates are right', async (t) => {
  const db = await testDatabase(t)
  await db.run(
    `${THINGS}; ${trigger(
      `UPDATE things SET name = upper(name) WHERE sku = NEW.sku AND name <> upper(name); RETURN NULL;`,
      'AFTER INSERT OR UPDATE',
    )}`,
  )
  const options = { databaseUrl: db.url, table: 'things', aggregates: [{ column: 'name' }] }
  const path = file(t, 'sku,name\n1,new\n4,new\n')
  t.match((await update(path, options)).rows, { inserted: 1, updated: 1 })
  await compareTables(t, db, 'things_agg', countsOf('things', 'name', 'no_of_things'))
  t.match((await update(path, options)).rows, { inserted: 0, updated: 0, unchanged: 2 })
})

t.test('row security that hides rows from an update', async (t) => {
  const db = await testDatabase(t)
  const role = await db.role()
  await ingest(file(t, 'sku,name\n0,a\n'), { databaseUrl: db.url, table: 'other' })
  await db.run(`${THINGS};
    ALTER TABLE things ENABLE ROW LEVEL SECURITY;
    CREATE POLICY reading ON things FOR SELECT USING (true);
    CREATE POLICY adding ON things FOR INSERT WITH CHECK (true);
    CREATE POLICY changing ON things FOR UPDATE USING (sku <> '2');
    GRANT SELECT, INSERT, UPDATE ON things TO ${role.name};
    GRANT ALL ON SCHEMA dasy TO ${role.name};
    GRANT ALL ON ALL TABLES IN SCHEMA dasy TO ${role.name};
    GRANT ALL ON ALL SEQUENCES IN SCHEMA dasy TO ${role.name};
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA dasy TO ${role.name}`)
  const options = { databaseUrl: role.url, table: 'things', maxRejects: 1 }
  const receipt = await update(file(t, 'sku,name\n1,new\n2,new\n4,new\n'), options)
  t.match(receipt.rows, { rejected: 1, inserted: 1, updated: 1 })
  t.match(await newestRejects(db), [{ line: 3, reason: /row security/ }])
  await db.run(`DROP OWNED BY ${role.name} CASCADE`)
})
