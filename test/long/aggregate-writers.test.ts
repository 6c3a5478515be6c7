import type pg from 'pg'
import t, { type Test } from 'tap'
import { aggregate, ingest, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file } from '../support/files.js'
import { compareTables, countsOf } from '../support/oracle.js'

/** Other programs that write: in any isolation, several at once, with triggers and functions of their own. */

async function things(t: Test): Promise<TestDatabase> {
  const db = await testDatabase(t)
  await db.run(`CREATE TABLE things (sku integer PRIMARY KEY, name text, other text);
    INSERT INTO things SELECT g, 'n' || g % 4, 'o' || g % 3 FROM generate_series(1, 30) AS g`)
  for (const column of ['name', 'other']) await aggregate('things', column, { databaseUrl: db.url })
  return db
}

async function assertCounted(t: Test, db: TestDatabase, message: string): Promise<void> {
  await compareTables(t, db, 'things_agg', countsOf('things', 'name', 'no_of_things'), message)
  await compareTables(t, db, 'things_agg_other', countsOf('things', 'other', 'no_of_things'), message)
}

const ISOLATIONS = ['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE']

t.test('statements of a function neither deadlock nor miscount', async (t) => {
  const db = await things(t)
  await db.run(`
    CREATE FUNCTION add(s integer) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO things VALUES (s, 'n' || s % 7, 'o');
      UPDATE things SET name = upper(name) WHERE sku = s;
      INSERT INTO things VALUES (s, 'x', 'y') ON CONFLICT (sku) DO UPDATE SET other = 'z';
    END $$`)
  const clients = await Promise.all([1, 2, 3, 4].map(() => db.client()))
  await Promise.all(
    clients.map(async (client, session) => {
      for (let n = 0; n < 60; n++) await client.query('SELECT add($1)', [1000 * (session + 1) + n])
    }),
  )
  await assertCounted(t, db, 'all at once')
})

for (const isolation of ISOLATIONS) {
  t.test(`names that all sessions share are no conflict: ${isolation}`, async (t) => {
    const db = await things(t)
    const clients = await Promise.all([1, 2, 3, 4].map(() => db.client()))
    // All have their snapshots before the first one writes, and none commits before the last one has written.
    for (const client of clients) await client.query(`BEGIN ISOLATION LEVEL ${isolation}; SELECT 1`)
    for (const [session, client] of clients.entries()) {
      const sku = 100 * (session + 1)
      await client.query(`INSERT INTO things VALUES (${sku}, 'n1', 'o1'), (${sku + 1}, 'hot', NULL)`)
      await client.query(`UPDATE things SET name = 'hot' WHERE sku = ${sku}`)
      // To read what others write is a conflict that SERIALIZABLE is there to find.
      if (isolation === 'SERIALIZABLE') continue
      const { rows } = await client.query("SELECT no_of_things FROM things_agg WHERE name = 'hot'")
      t.equal(Number(rows[0].no_of_things), 2, 'each sees its own')
    }
    for (const client of clients) await client.query('COMMIT')
    await assertCounted(t, db, isolation)
    t.equal(await db.value("SELECT no_of_things FROM things_agg WHERE name = 'hot'"), 8)
  })

  t.test(`TRUNCATE, with an older snapshot too: ${isolation}`, async (t) => {
    const db = await things(t)
    const one = await db.client()
    const begin = async (client: pg.Client) =>
      client.query(`BEGIN ISOLATION LEVEL ${isolation}; SELECT count(*) FROM pg_class`)
    await begin(one)
    await db.run("INSERT INTO things VALUES (500, 'meanwhile', 'm')")
    await one.query('TRUNCATE things')
    await one.query("INSERT INTO things VALUES (1, 'after', 'a')")
    await one.query('SAVEPOINT s')
    await one.query("TRUNCATE things; INSERT INTO things VALUES (2, 'undone', 'a')")
    await one.query('ROLLBACK TO s')
    await one.query("INSERT INTO things VALUES (3, 'after', NULL)")
    await one.query('COMMIT')
    await assertCounted(t, db, 'after it')
    t.same(await db.rows('SELECT * FROM things_agg'), [{ name: 'after', no_of_things: 2 }])

    // A writer whose snapshot is older than somebody else's TRUNCATE.
    await begin(one)
    await db.run('TRUNCATE things')
    await one.query("INSERT INTO things VALUES (4, 'late', 'l')")
    await db.run("INSERT INTO things VALUES (5, 'later', 'l')")
    await one.query('COMMIT')
    await assertCounted(t, db, 'a writer with an older snapshot')
    await ingest(file(t, 'sku,name,other\n9,late,\n'), { databaseUrl: db.url, table: 'things' })
    await assertCounted(t, db, 'and a load')
    await one.query('BEGIN')
    await one.query('TRUNCATE things')
    await one.query('ROLLBACK')
    await assertCounted(t, db, 'one that is rolled back')
  })
}

for (const isolation of ['REPEATABLE READ', 'SERIALIZABLE']) {
  t.test(`a snapshot older than the aggregate, and than the column's name: ${isolation}`, async (t) => {
    const db = await testDatabase(t)
    await db.run(`CREATE TABLE things (sku integer PRIMARY KEY, label text, other text);
      INSERT INTO things SELECT g, 'n' || g % 4, 'o' || g % 3 FROM generate_series(1, 30) AS g`)
    await aggregate('things', 'label', { databaseUrl: db.url, into: 'things_agg' })
    const writer = await db.client()
    await writer.query(`BEGIN ISOLATION LEVEL ${isolation}; SELECT count(*) FROM pg_class`)
    await aggregate('things', 'other', { databaseUrl: db.url })
    await db.run('ALTER TABLE things RENAME label TO name')
    await writer.query("INSERT INTO things VALUES (100, 'late', 'late'), (101, NULL, 'o1')")
    await writer.query("UPDATE things SET name = 'late', other = NULL WHERE sku < 5")
    await writer.query('DELETE FROM things WHERE sku IN (1, 20)')
    await writer.query('COMMIT')
    for (const [view, column] of [
      ['things_agg', 'name'],
      ['things_agg_other', 'other'],
    ] as const) {
      const named = `SELECT * FROM ${view} AS g (${column}, no_of_things)`
      t.same(
        await db.rows(
          `(SELECT ${column}, count(*) FROM things GROUP BY 1 EXCEPT ${named})
           UNION ALL (${named} EXCEPT SELECT ${column}, count(*) FROM things GROUP BY 1)`,
        ),
        [],
        column,
      )
    }
  })
}

t.test('random writers in all isolations, and runs of dasy', async (t) => {
  const db = await things(t)
  await db.run(`CREATE OR REPLACE FUNCTION dasy.fold_after(level integer) RETURNS bigint
    LANGUAGE sql IMMUTABLE AS 'SELECT 2::bigint'`)
  let running = true
  let written = 0
  const writers = ISOLATIONS.flatMap((isolation) => [isolation, isolation]).map(
    async (isolation, session) => {
      const client = await db.client()
      const base = 1000 * (session + 1)
      try {
        for (let n = 0; running || n < 30; n++) {
          await client.query(`BEGIN ISOLATION LEVEL ${isolation}`)
          await client.query(
            `INSERT INTO things SELECT g, 'n' || g % 5, 'o' || $2::int % 3 FROM generate_series($1::int, $1::int + 3) AS g
               ON CONFLICT (sku) DO UPDATE SET name = 'n' || $2::int % 6`,
            [base + (n % 40), n],
          )
          await client.query('SAVEPOINT s')
          await client.query('DELETE FROM things WHERE sku BETWEEN $1 AND $1 + 50', [base + (n % 30)])
          await client.query(n % 3 === 0 ? 'ROLLBACK TO s' : 'RELEASE s')
          await client.query(n % 7 === 0 ? 'ROLLBACK' : 'COMMIT')
          written++
        }
      } catch (error) {
        // Its locks would keep the others waiting.
        await client.query('ROLLBACK')
        throw error
      }
    },
  )
  const loads = (async () => {
    for (let round = 0; round < 3; round++) {
      const records = Array.from(
        { length: 200 },
        (_, n) => `${1000 * (1 + (n % 3)) + n},n${(n * round) % 5},p\n`,
      )
      await update(file(t, `sku,name,other\n${records.join('')}`), {
        databaseUrl: db.url,
        table: 'things',
        workers: 1,
      })
    }
  })().finally(() => {
    running = false
  })
  // Serializable sessions may fail for rows of the table itself, which a load has changed.
  const ended = await Promise.allSettled(writers)
  await loads
  for (const each of ended) {
    if (each.status === 'rejected')
      t.match(each.reason.code, /^40001$/, 'nothing but the conflicts of the table itself')
  }
  t.ok(written > 60, `${written} transactions`)
  await assertCounted(t, db, 'all of them')
})

t.test("triggers of the user's, replica mode, cascades", async (t) => {
  const db = await things(t)
  await db.run(`
    CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF pg_trigger_depth() < 2 THEN UPDATE things SET name = name || '!' WHERE sku < 5; END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER a_statement AFTER INSERT OR DELETE ON things FOR EACH STATEMENT EXECUTE FUNCTION again();
    CREATE CONSTRAINT TRIGGER z_deferred AFTER UPDATE ON things DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW WHEN (new.sku = 7) EXECUTE FUNCTION again()`)
  await db.run("INSERT INTO things VALUES (100, 'x', 'y')")
  await db.run("UPDATE things SET other = 'moved' WHERE sku = 7")
  await db.run(
    "WITH gone AS (DELETE FROM things WHERE sku = 8 RETURNING *) UPDATE things SET name = 'w' WHERE sku = 9",
  )
  await assertCounted(t, db, 'with triggers of his own')
  const client = await db.client()
  await client.query(
    "SET session_replication_role = replica; INSERT INTO things VALUES (101, 'replicated', 'y')",
  )
  await client.query('DELETE FROM things WHERE sku = 1')
  await assertCounted(t, db, 'in replica mode')
  await client.query('RESET session_replication_role')
  await db.run(`CREATE TABLE parents (other text PRIMARY KEY); INSERT INTO parents SELECT DISTINCT other FROM things;
    ALTER TABLE things ADD FOREIGN KEY (other) REFERENCES parents ON DELETE CASCADE ON UPDATE SET NULL;
    DELETE FROM parents WHERE other = 'o1'; UPDATE parents SET other = 'renamed' WHERE other = 'o2'`)
  await assertCounted(t, db, 'cascades')
  await client.query(
    "SET standard_conforming_strings = off; SET row_security = off; SET bytea_output = escape; SET DateStyle = 'German'",
  )
  await client.query("UPDATE things SET name = 'a\\\\b''c'")
  await assertCounted(t, db, 'settings')
})

t.test('a publication of all tables is in nobody’s way', async (t) => {
  const db = await things(t)
  await db.run('CREATE PUBLICATION everything FOR ALL TABLES')
  await db.run(
    "INSERT INTO things VALUES (100, 'x', 'y'); UPDATE things SET name = 'z'; DELETE FROM things WHERE sku < 5",
  )
  await ingest(file(t, 'sku,name,other\n1,a,b\n100,c,d\n'), { databaseUrl: db.url, table: 'things' })
  await ingest(file(t, 'sku,name\n1,a\n'), { databaseUrl: db.url })
  await aggregate('products', 'sku', { databaseUrl: db.url, manual: true })
  await db.run("INSERT INTO products VALUES ('2', 'b'); DELETE FROM products WHERE sku = '1'")
  await aggregate('products', 'sku', { databaseUrl: db.url })
  await assertCounted(t, db, 'published')
  const bare = await db.rows(`
    SELECT c.oid::regclass::text AS name FROM pg_class AS c
     WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND c.relreplident = 'd'
       AND c.relnamespace IN ('dasy'::regnamespace, 'public'::regnamespace)
       AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary)`)
  t.same(bare, [], 'each table has an identity')
  await db.run('TRUNCATE things')
  for (const column of ['name', 'other'])
    await aggregate('things', column, { databaseUrl: db.url, drop: true })
})

t.test('what is appended is folded, so that it stays little', async (t) => {
  const db = await things(t)
  const client = await db.client()
  for (let n = 0; n < 2000; n++) await client.query(`UPDATE things SET name = 'hot ${n % 2}' WHERE sku = 1`)
  await assertCounted(t, db, '2,000 statements')
  const rows = Number(await db.value('SELECT count(*) FROM dasy.groups_1'))
  t.ok(rows < 1500, 'far fewer rows than were appended (4,000)', { rows })
})
