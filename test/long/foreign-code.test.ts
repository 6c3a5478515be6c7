import t from 'tap'
import {
  aggregate,
  enqueue,
  ingest,
  migrateDown,
  migrateUp,
  showRuns,
  update,
  work,
} from '../support/compiled.js'
import { type TestDatabase, type TestRole, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'

/** A superuser loads into the table of somebody who wants to be one. */

const ATTEMPT = (name: string) => `
  BEGIN
    EXECUTE 'ALTER ROLE ${name} SUPERUSER';
  EXCEPTION WHEN OTHERS THEN
    NULL;
  END;`

/** As the owner of the schema `mine`, where there are functions that try it. */
const HOSTILE: Record<string, string> = {
  'a row trigger before': `CREATE TABLE t (sku text PRIMARY KEY, name text);
    CREATE TRIGGER x BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION act()`,
  'a row trigger afterwards': `CREATE TABLE t (sku text PRIMARY KEY, name text);
    CREATE TRIGGER x AFTER INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION act()`,
  'a statement trigger': `CREATE TABLE t (sku text PRIMARY KEY, name text);
    CREATE TRIGGER x AFTER INSERT OR UPDATE ON t EXECUTE FUNCTION act()`,
  'a deferred trigger': `CREATE TABLE t (sku text PRIMARY KEY, name text);
    CREATE CONSTRAINT TRIGGER x AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION act()`,
  'a trigger of a partition': `CREATE TABLE t (sku text PRIMARY KEY, name text) PARTITION BY HASH (sku);
    CREATE TABLE part PARTITION OF t FOR VALUES WITH (MODULUS 1, REMAINDER 0);
    CREATE TRIGGER x BEFORE INSERT ON part FOR EACH ROW EXECUTE FUNCTION act()`,
  'a condition of a trigger': `CREATE TABLE t (sku text PRIMARY KEY, name text);
    CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW WHEN (is_fine(NEW.name))
      EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
  'a rule': `CREATE TABLE t (sku text PRIMARY KEY, name text);
    CREATE RULE x AS ON INSERT TO t DO ALSO SELECT is_fine('a')`,
  'an index on an expression': `CREATE TABLE t (sku text PRIMARY KEY, name text); CREATE INDEX ON t (changed(name))`,
  'a condition of an index': `CREATE TABLE t (sku text PRIMARY KEY, name text); CREATE INDEX ON t (name) WHERE is_fine(name)`,
  'a check': 'CREATE TABLE t (sku text PRIMARY KEY, name text CHECK (is_fine(name)))',
  'an operator in a check': `
    CREATE OPERATOR ~~~~ (LEFTARG = text, RIGHTARG = text, FUNCTION = like_it);
    CREATE TABLE t (sku text PRIMARY KEY, name text CHECK (name OPERATOR(mine.~~~~) 'a'))`,
  'a default': `CREATE TABLE t (sku text PRIMARY KEY, name text, more text DEFAULT changed('a'))`,
  "a default by the server's own functions": `
    CREATE TABLE t (sku text PRIMARY KEY, name text, more xml DEFAULT table_to_xml('pg_authid', true, false, ''))`,
  'a generated column': `
    CREATE TABLE t (sku text PRIMARY KEY, name text, more text GENERATED ALWAYS AS (changed(name)) STORED)`,
  'a domain': `CREATE DOMAIN d AS text CHECK (is_fine(VALUE)); CREATE TABLE t (sku text PRIMARY KEY, name d)`,
  'an array of domains': `CREATE DOMAIN d AS text CHECK (is_fine(VALUE)); CREATE TABLE t (sku text PRIMARY KEY, name d[])`,
  'a cast': `CREATE TYPE e AS ENUM ('a', 'b');
    CREATE FUNCTION e(text) RETURNS e LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM changed($1); RETURN 'a'; END $$;
    CREATE CAST (text AS e) WITH FUNCTION e(text) AS ASSIGNMENT;
    CREATE TABLE t (sku text PRIMARY KEY, name e)`,
  'the key of partitions': `CREATE TABLE t (sku text NOT NULL, name text) PARTITION BY HASH (changed(name));
    CREATE TABLE part PARTITION OF t FOR VALUES WITH (MODULUS 1, REMAINDER 0);
    CREATE UNIQUE INDEX ON part (sku)`,
}

async function asOwner(db: TestDatabase, owner: TestRole, statements: string): Promise<void> {
  await db.run(`CREATE SCHEMA mine AUTHORIZATION ${owner.name}`)
  const client = await db.client(owner.url)
  await client.query(`
    SET search_path = mine;
    CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${ATTEMPT(owner.name)} RETURN NEW; END $$;
    CREATE FUNCTION changed(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM mine.attempt(); RETURN $1; END $$;
    CREATE FUNCTION is_fine(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM mine.attempt(); RETURN true; END $$;
    CREATE FUNCTION like_it(text, text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM mine.attempt(); RETURN true; END $$;
    CREATE FUNCTION attempt() RETURNS void LANGUAGE plpgsql AS $$ BEGIN ${ATTEMPT(owner.name)} END $$;
    ${statements}`)
}

const isSuperuser = (db: TestDatabase, { name }: TestRole) =>
  db.value<boolean>('SELECT rolsuper FROM pg_roles WHERE rolname = $1', [name])

for (const [what, statements] of Object.entries(HOSTILE)) {
  t.test(`${what} of somebody else is not run by a superuser`, async (t) => {
    const db = await testDatabase(t)
    const owner = await db.role()
    await asOwner(db, owner, statements)
    const path = file(t, 'sku,name\n1,a\n2,b\n')
    for (const load of [ingest, update]) {
      const error = await failure(t, load(path, { databaseUrl: db.url, table: 'mine.t' }))
      t.match(error, { code: /FOREIGN_CODE|KEY_MISMATCH/, exitStatus: 1 })
      if (error.code === 'FOREIGN_CODE') t.match(error, { message: owner.name, hint: '--trust-owner' })
    }
    t.equal(await isSuperuser(db, owner), false)
    t.equal(await db.value('SELECT count(*) FROM mine.t'), 0)
    await release(db, owner)
  })
}

t.test('code that comes while the load waits for the table', async (t) => {
  const db = await testDatabase(t)
  const owner = await db.role()
  await asOwner(db, owner, 'CREATE TABLE t (sku text PRIMARY KEY, name text)')
  const before = file(
    t,
    'CREATE TRIGGER x BEFORE INSERT ON mine.t FOR EACH ROW EXECUTE FUNCTION mine.act();\n',
    'x.sql',
  )
  const error = await failure(
    t,
    update(file(t, 'sku,name\n1,a\n'), { databaseUrl: db.url, table: 'mine.t', before }),
  )
  t.equal(error.code, 'FOREIGN_CODE')
  t.equal(await isSuperuser(db, owner), false)
  await release(db, owner)
})

t.test('a plain table of somebody else is loaded as ever', async (t) => {
  const db = await testDatabase(t)
  const owner = await db.role()
  await asOwner(
    db,
    owner,
    `CREATE TABLE t (
       sku varchar(20) PRIMARY KEY, name text NOT NULL CHECK (name <> '' AND length(name) < 100), number serial,
       made timestamptz DEFAULT now(), day date DEFAULT current_date, id uuid DEFAULT gen_random_uuid(),
       n bigint GENERATED ALWAYS AS IDENTITY, low text GENERATED ALWAYS AS (lower(name)) STORED,
       tags text[] DEFAULT '{}', parent varchar(20) REFERENCES t);
     CREATE INDEX ON t (lower(name));
     CREATE INDEX ON t (name) WHERE name LIKE 'a%'`,
  )
  const receipt = await update(file(t, 'sku,name\n1,a\n2,b\n'), { databaseUrl: db.url, table: 'mine.t' })
  t.match(receipt.rows, { inserted: 2 })
  await release(db, owner)
})

t.test(
  "code of the superuser's own, and an ordinary role's load into a table with code of another",
  async (t) => {
    const db = await testDatabase(t)
    const owner = await db.role()
    const loader = await db.role()
    await asOwner(db, owner, 'CREATE TABLE t (sku text PRIMARY KEY, name text)')
    await db.run(`
    CREATE FUNCTION trusted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
    CREATE TRIGGER x BEFORE INSERT OR UPDATE ON mine.t FOR EACH ROW EXECUTE FUNCTION trusted()`)
    const options = { databaseUrl: db.url, table: 'mine.t' }
    t.match((await update(file(t, 'sku,name\n1,a\n'), options)).rows, { inserted: 1 })
    await db.run(`
    CREATE TRIGGER y BEFORE INSERT OR UPDATE ON mine.t FOR EACH ROW EXECUTE FUNCTION mine.act();
    GRANT USAGE ON SCHEMA mine TO ${loader.name};
    GRANT SELECT, INSERT, UPDATE ON mine.t TO ${loader.name};
    GRANT ALL ON SCHEMA dasy TO ${loader.name};
    GRANT ALL ON ALL TABLES IN SCHEMA dasy TO ${loader.name};
    GRANT ALL ON ALL SEQUENCES IN SCHEMA dasy TO ${loader.name};
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA dasy TO ${loader.name}`)
    const receipt = await update(file(t, 'sku,name\n2,a\n'), { ...options, databaseUrl: loader.url })
    t.match(receipt.rows, { inserted: 1 })
    t.equal(await isSuperuser(db, owner), false)
    await release(db, owner, loader)
  },
)

t.test(
  "a live aggregate of somebody's table stops no superuser, nor do its functions run as one",
  async (t) => {
    const db = await testDatabase(t)
    const owner = await db.role()
    await asOwner(
      db,
      owner,
      "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (sku text PRIMARY KEY, name text, more e)",
    )
    const options = { databaseUrl: db.url }
    await aggregate('mine.t', 'name', options)
    await aggregate('mine.t', 'more', options)
    await db.run('ALTER TABLE mine.t DROP COLUMN more')
    await update(file(t, 'sku,name\n1,a\n'), { ...options, table: 'mine.t' })
    const asOwnerNow = await db.client(owner.url)
    await asOwnerNow.query(`
    CREATE FUNCTION mine.has_schema_privilege(oid, text) RETURNS boolean LANGUAGE plpgsql AS $$
      BEGIN PERFORM mine.attempt(); RETURN true; END $$;
    ALTER FUNCTION dasy.follow_1() SET search_path = mine, pg_catalog;
    ALTER TABLE mine.t ADD COLUMN note text`)
    await update(file(t, 'sku,note\n1,b\n'), { ...options, table: 'mine.t' })
    t.same(
      await db.value("SELECT proconfig[1] FROM pg_proc WHERE oid = 'dasy.follow_1'::regproc"),
      'search_path=pg_catalog, pg_temp',
    )
    t.same(await db.rows('TABLE mine.t_agg'), [{ name: 'a', no_of_t: '1' }])
    await asOwnerNow.query('ALTER FUNCTION dasy.follow_1() SECURITY INVOKER')
    const error = await failure(t, update(file(t, 'sku,note\n1,c\n'), { ...options, table: 'mine.t' }))
    t.equal(error.code, 'FOREIGN_CODE')
    t.equal((await showRuns(options, undefined, undefined)).length, 2)
    t.equal(await isSuperuser(db, owner), false)
    await release(db, owner)
  },
)

t.test(
  'a schema dasy that somebody else has made is used by a superuser, and by its owner again',
  async (t) => {
    const db = await testDatabase(t)
    const owner = await db.role()
    await db.run(
      `GRANT CREATE ON DATABASE ${db.name} TO ${owner.name}; GRANT CREATE ON SCHEMA public TO ${owner.name}`,
    )
    const path = file(t, 'sku,name\n1,a\n')
    const [theirs, ours] = [{ databaseUrl: owner.url }, { databaseUrl: db.url }]
    await ingest(path, theirs)
    t.equal((await showRuns(ours, undefined, undefined)).length, 1)
    t.match((await ingest(file(t, 'sku,name\n2,b\n'), ours)).rows, { inserted: 1 })
    t.match((await ingest(path, { ...ours, table: 'goods' })).rows, { inserted: 1 })
    await aggregate('goods', 'name', ours)
    t.same(await db.rows('TABLE products_agg ORDER BY name'), [
      { name: 'a', no_of_products: '1' },
      { name: 'b', no_of_products: '1' },
    ])
    t.match((await ingest(path, theirs)).rows, { unchanged: 1 })
    await migrateDown(ours)
    t.equal(await db.value("SELECT to_regnamespace('dasy')"), null)
    await release(db, owner)
  },
)

t.test('an owner whom the superuser trusts', async (t) => {
  const db = await testDatabase(t)
  const owner = await db.role()
  await asOwner(
    db,
    owner,
    `CREATE TYPE e AS ENUM ('a', 'b');
     CREATE TABLE t (sku text PRIMARY KEY, name e, touched text);
     CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.touched := 'yes'; RETURN NEW; END $$;
     CREATE TRIGGER x BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch()`,
  )
  const options = { databaseUrl: db.url, table: 'mine.t', trustOwner: true }
  t.match((await ingest(file(t, 'sku,name\n1,a\n'), options)).rows, { inserted: 1 })
  t.same(await db.rows('TABLE mine.t'), [{ sku: '1', name: 'a', touched: 'yes' }])
  await release(db, owner)
})

/** As the owner of the schema dasy. */
const TRAPS: Record<string, string> = {
  'a trigger': 'CREATE TRIGGER x BEFORE INSERT ON dasy.runs FOR EACH ROW EXECUTE FUNCTION mine.act()',
  'another function': `CREATE OR REPLACE FUNCTION dasy.base_type(type oid) RETURNS oid LANGUAGE plpgsql STABLE STRICT
    AS $$ BEGIN PERFORM mine.attempt(); RETURN type; END $$`,
  'settings of a function': 'ALTER FUNCTION dasy.settle(integer, text) SET search_path = mine, pg_catalog',
  'one function more':
    "CREATE FUNCTION dasy.settle(integer, varchar) RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
  'a view': `ALTER TABLE dasy.tables RENAME TO tables_of_old;
    CREATE VIEW dasy.tables AS SELECT o.*, mine.is_fine('a') FROM dasy.tables_of_old AS o`,
  'a domain': `CREATE DOMAIN mine.d AS text CHECK (mine.is_fine(VALUE));
    ALTER TABLE dasy.runs ADD COLUMN more mine.d DEFAULT 'a'`,
}

for (const [what, trap] of Object.entries(TRAPS)) {
  t.test(`${what} in a schema dasy that somebody else has made is not run by a superuser`, async (t) => {
    const db = await testDatabase(t)
    const owner = await db.role()
    await db.run(`GRANT CREATE ON DATABASE ${db.name} TO ${owner.name}`)
    await migrateUp({ databaseUrl: owner.url }).catch(() => {}) // products itself it may not make
    await asOwner(db, owner, trap)
    const options = { databaseUrl: db.url }
    for (const use of [
      () => showRuns(options, undefined, undefined),
      () => ingest(file(t, 'sku\n1\n'), { ...options, table: 'public.goods' }),
    ]) {
      t.match(await failure(t, use()), { code: 'FOREIGN_SCHEMA', exitStatus: 1, message: owner.name })
    }
    t.equal(await isSuperuser(db, owner), false)
    await release(db, owner)
  })
}

t.test('nor is anything in a schema dasy_queue that somebody else has made', async (t) => {
  const db = await testDatabase(t)
  const owner = await db.role()
  await db.run(`GRANT CREATE ON DATABASE ${db.name} TO ${owner.name}`)
  const source = file(t, 'sku\n1\n')
  await enqueue(source, { databaseUrl: owner.url, table: 'goods' })
  const options = { databaseUrl: db.url, table: 'public.goods' }
  t.match(await enqueue(source, options), { run: 2 }, 'as graphile-worker has made it, it is harmless')
  await asOwner(
    db,
    owner,
    `CREATE TRIGGER x BEFORE INSERT ON dasy_queue._private_jobs FOR EACH ROW EXECUTE FUNCTION mine.act()`,
  )
  for (const use of [() => enqueue(source, options), () => work({ databaseUrl: db.url, once: true })])
    t.match(await failure(t, use()), { code: 'FOREIGN_SCHEMA', message: owner.name })
  t.equal(await isSuperuser(db, owner), false)
  await release(db, owner)
})

async function release(db: TestDatabase, ...roles: TestRole[]): Promise<void> {
  for (const { name } of roles) await db.run(`DROP OWNED BY ${name} CASCADE`)
}
