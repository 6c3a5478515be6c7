import t, { type Test } from 'tap'
import { aggregate, ingest, update } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'

/** dasy runs as a superuser on tables of somebody else, who would like to become one. */

/** Whoever runs it as a superuser makes the owner one. */
const PWN = (name: string, args: string, returns: string, body: string) => `
  CREATE FUNCTION evil.${name}(${args}) RETURNS ${returns} LANGUAGE plpgsql IMMUTABLE AS $$
  BEGIN
    IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
      RAISE EXCEPTION 'somebody runs the owner''s code as a superuser';
    END IF;
    ${body}
  END $$;`

async function scene(
  t: Test,
): Promise<{ db: TestDatabase; owner: Awaited<ReturnType<TestDatabase['client']>>; role: string }> {
  const db = await testDatabase(t)
  const { name: role, url } = await db.role()
  await db.run(`CREATE SCHEMA evil AUTHORIZATION ${role}`)
  const owner = await db.client(url)
  await owner.query(
    `CREATE TABLE evil.t (sku text PRIMARY KEY, v integer); INSERT INTO evil.t VALUES ('1', 1), ('2', 1)`,
  )
  await aggregate('evil.t', 'v', { databaseUrl: db.url })
  t.teardown(async () => {
    await owner.end().catch(() => {})
  })
  return { db, owner, role }
}

async function clear(db: TestDatabase, role: string): Promise<void> {
  await db.run(`DROP SCHEMA evil CASCADE; DROP OWNED BY ${role}`)
}

t.test('functions, view and what they may do belong to the owner', async (t) => {
  const { db, owner, role } = await scene(t)
  await owner.query("INSERT INTO evil.t VALUES ('3', 2)")
  t.same((await owner.query('SELECT v, no_of_t::int FROM evil.t_agg_v ORDER BY v')).rows, [
    { v: 1, no_of_t: 2 },
    { v: 2, no_of_t: 1 },
  ])
  t.same(
    await db.rows(`SELECT proname, pg_get_userbyid(proowner) = '${role}' AS owned FROM pg_proc
                    WHERE pronamespace = 'dasy'::regnamespace AND prosecdef ORDER BY 1`),
    ['amend_1', 'follow_1'].map((proname) => ({ proname, owned: true })),
    'nothing of ours runs as dasy on behalf of others',
  )
  for (const forbidden of [
    'CREATE TRIGGER x BEFORE INSERT ON dasy.groups_1 FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
    'CREATE INDEX ON dasy.groups_1 (value)',
    'ALTER TABLE dasy.groups_1 ADD CHECK (true)',
    'DROP TABLE dasy.groups_1',
    'CREATE TABLE dasy.mine ()',
  ])
    await t.rejects(owner.query(forbidden), { code: '42501' }, forbidden)
  await clear(db, role)
})

t.test('casts, domains, operators and views of the owner are not run by anybody else', async (t) => {
  const { db, owner, role } = await scene(t)
  await owner.query(`
    CREATE TYPE evil.kind AS ENUM ('x', 'y');
    ${PWN('to_int', 'evil.kind', 'integer', 'RETURN 1;')}
    ${PWN('to_text', 'evil.kind', 'text', 'RETURN 1;')}
    ${PWN('is_equal', 'evil.kind, evil.kind', 'boolean', 'RETURN true;')}
    ${PWN('is_good', 'evil.kind', 'boolean', 'RETURN true;')}
    ${PWN('row_trigger', '', 'trigger', 'RETURN NEW;').replace('IMMUTABLE', '')}
    CREATE CAST (evil.kind AS integer) WITH FUNCTION evil.to_int(evil.kind) AS ASSIGNMENT;
    CREATE CAST (evil.kind AS text) WITH FUNCTION evil.to_text(evil.kind) AS IMPLICIT;
    CREATE OPERATOR evil.= (LEFTARG = evil.kind, RIGHTARG = evil.kind, FUNCTION = evil.is_equal);
    CREATE OPERATOR evil.<> (LEFTARG = evil.kind, RIGHTARG = evil.kind, FUNCTION = evil.is_equal);
    CREATE DOMAIN evil.good AS evil.kind CHECK (evil.is_good(value));
    ALTER TABLE evil.t ALTER v TYPE evil.kind USING 'x'`)
  await db.run(`SET search_path = evil, public; INSERT INTO evil.t VALUES ('4', 'x')`)
  t.match(await aggregate('evil.t', 'v', { databaseUrl: db.url }), {
    groups: 1,
    largest: [{ value: 'x', count: 3 }],
  })
  await owner.query(`ALTER TABLE evil.t ALTER v TYPE evil.good; INSERT INTO evil.t VALUES ('5', 'y')`)
  t.match(await aggregate('evil.t', 'v', { databaseUrl: db.url }), { groups: 2 })
  t.match(await aggregate('evil.t', 'v', { databaseUrl: db.url, check: true }), { check: { differing: 0 } })

  // A view of his own in the place of ours, and a trigger on ours.
  await owner.query(`
    CREATE TRIGGER mine INSTEAD OF DELETE ON evil.t_agg_v FOR EACH ROW EXECUTE FUNCTION evil.row_trigger();
    ALTER VIEW evil.t_agg_v RENAME TO hidden;
    CREATE FUNCTION evil.count() RETURNS bigint LANGUAGE plpgsql AS $$BEGIN PERFORM evil.is_good('x'); RETURN 1; END$$;
    CREATE VIEW evil.t_agg_v AS SELECT 'x'::evil.kind AS v, evil.count() AS no_of_t`)
  t.match(await aggregate('evil.t', 'v', { databaseUrl: db.url }), { aggregate: 'evil.hidden', groups: 2 })
  await owner.query(`DROP VIEW evil.hidden`)
  t.match(await failure(t, aggregate('evil.t', 'v', { databaseUrl: db.url })), { code: 'NAME_TAKEN' })
  await owner.query("INSERT INTO evil.t VALUES ('6', 'y')")
  await clear(db, role)
})

t.test('an owner whose storage is gone, or locked away, is told and not stopped', async (t) => {
  const { db, owner, role } = await scene(t)
  let warnings = 0
  owner.on('notice', ({ severity }) => {
    if (severity === 'WARNING') warnings++
  })
  let sku = 10
  const write = () => owner.query(`INSERT INTO evil.t VALUES ('${sku++}', 3)`)
  for (const harm of [
    `REVOKE SELECT ON dasy.groups_# FROM ${role}`,
    `REVOKE USAGE ON SCHEMA dasy FROM ${role}`,
    'ALTER TABLE dasy.groups_# ADD CHECK (level > 99) NOT VALID',
    'DROP VIEW evil.t_agg_v; ALTER TABLE dasy.groups_# ALTER value TYPE text',
    'DROP TABLE dasy.groups_# CASCADE',
    'DROP TABLE dasy.marks_# CASCADE',
    'DROP SEQUENCE dasy.epochs_#',
    'ALTER SCHEMA dasy RENAME TO renamed',
  ]) {
    warnings = 0
    await db.run('DROP VIEW IF EXISTS evil.t_agg_v')
    await aggregate('evil.t', 'v', { databaseUrl: db.url })
    const number = await db.value<number>('SELECT max(aggregate) FROM dasy.aggregates')
    await db.run(harm.replaceAll('#', `${number}`))
    await write()
    t.ok(warnings > 0, `${harm}: a warning`, { warnings })
    if (harm.includes('RENAME')) await db.run('ALTER SCHEMA renamed RENAME TO dasy')
    if (harm.includes('USAGE')) await db.run(`GRANT USAGE ON SCHEMA dasy TO ${role}`)
  }
  await clear(db, role)
})

t.test('what a superuser did not make is not trusted to compare values', async (t) => {
  const { db, owner, role } = await scene(t)
  await owner.query(`CREATE TYPE evil.pair AS (a integer); ${PWN('cmp', 'evil.pair, evil.pair', 'integer', 'RETURN 0;')}
    ${PWN('lt', 'evil.pair, evil.pair', 'boolean', 'RETURN false;')}
    CREATE OPERATOR evil.< (LEFTARG = evil.pair, RIGHTARG = evil.pair, FUNCTION = evil.lt);
    CREATE OPERATOR evil.= (LEFTARG = evil.pair, RIGHTARG = evil.pair, FUNCTION = evil.lt);
    CREATE OPERATOR evil.> (LEFTARG = evil.pair, RIGHTARG = evil.pair, FUNCTION = evil.lt);
    CREATE OPERATOR evil.<= (LEFTARG = evil.pair, RIGHTARG = evil.pair, FUNCTION = evil.lt);
    CREATE OPERATOR evil.>= (LEFTARG = evil.pair, RIGHTARG = evil.pair, FUNCTION = evil.lt)`)
  await db.run(`CREATE OPERATOR CLASS evil.pairs DEFAULT FOR TYPE evil.pair USING btree AS
    OPERATOR 1 evil.<, OPERATOR 2 evil.<=, OPERATOR 3 evil.=, OPERATOR 4 evil.>=, OPERATOR 5 evil.>,
    FUNCTION 1 evil.cmp(evil.pair, evil.pair)`)
  await owner.query('ALTER TABLE evil.t ADD p evil.pair, ADD q evil.pair[]')
  for (const column of ['p', 'q'])
    t.match(await failure(t, aggregate('evil.t', column, { databaseUrl: db.url })), {
      code: 'AGGREGATE_NOT_POSSIBLE',
    })
  await clear(db, role)
})

t.test('a load into the table of somebody else keeps his aggregate right', async (t) => {
  const { db, owner, role } = await scene(t)
  await ingest(file(t, 'sku,v\n1,5\n9,5\n'), { databaseUrl: db.url, table: 'evil.t' })
  await owner.query("INSERT INTO evil.t VALUES ('7', 5)")
  t.same((await owner.query('SELECT v, no_of_t::int FROM evil.t_agg_v ORDER BY v')).rows, [
    { v: 1, no_of_t: 1 },
    { v: 5, no_of_t: 3 },
  ])
  await clear(db, role)
})

t.test('another owner of the table becomes the owner of what keeps its aggregate', async (t) => {
  const { db, owner, role } = await scene(t)
  const next = await db.role()
  await db.run(`GRANT ALL ON SCHEMA evil TO ${next.name}; ALTER TABLE evil.t OWNER TO ${next.name};
    ALTER TABLE evil.t ALTER v TYPE integer USING v + 10`)
  const client = await db.client(next.url)
  t.teardown(() => client.end())
  // The former one, as whom the trigger still runs, may not read the table, which was rewritten.
  await client.query("INSERT INTO evil.t VALUES ('3', 5)")
  await update(file(t, 'sku,v\n4,5\n'), { databaseUrl: db.url, table: 'evil.t' })
  await client.query("INSERT INTO evil.t VALUES ('5', 5)")
  t.same((await client.query('SELECT v, no_of_t::int FROM evil.t_agg_v ORDER BY v')).rows, [
    { v: 5, no_of_t: 3 },
    { v: 11, no_of_t: 2 },
  ])
  await t.rejects(owner.query('SELECT FROM dasy.groups_1'), { code: '42501' }, 'the former owner')
  await clear(db, role)
  await db.run(`DROP OWNED BY ${next.name}`)
})

t.test('who makes a trigger function of an aggregate run as whoever loads', async (t) => {
  const { db, owner, role } = await scene(t)
  await owner.query('ALTER FUNCTION dasy.follow_1() SECURITY INVOKER')
  const load = () => update(file(t, 'sku,v\n4,5\n'), { databaseUrl: db.url, table: 'evil.t' })
  t.match(await failure(t, load()), { code: 'FOREIGN_CODE' })
  await clear(db, role)
})
