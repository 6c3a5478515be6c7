import t from 'tap'
import { apply, ingest, plan, undo, update } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'

/** Texts that a column's collation takes for the same are different values, and two columns may have different collations. */

const MADE = `
  CREATE COLLATION blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
  CREATE COLLATION german (provider = icu, locale = 'de');
  CREATE TABLE things (id integer PRIMARY KEY, a text COLLATE blind, b text COLLATE german, c text COLLATE "C", d varchar(9) COLLATE blind);
  INSERT INTO things VALUES (1, 'x', 'x', 'x', 'x'), (2, 'y', 'y', 'y', 'y')`
const ACTING = `
  CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
  CREATE TRIGGER act BEFORE INSERT OR UPDATE ON things FOR EACH ROW EXECUTE FUNCTION act()`

for (const [what, more] of Object.entries({ plain: '', 'with a trigger': ACTING }))
  t.test(`a table with collations, ${what}`, async (t) => {
    const db = await testDatabase(t)
    await db.run(`${MADE};${more}`)
    const given = { databaseUrl: db.url, table: 'things', key: 'id' }
    const rows = () => db.rows('SELECT id, a, b, c, d FROM things ORDER BY id')
    const before = await rows()

    const { run } = await update(file(t, 'id,a,b,c,d\n1,X,X,x,X\n'), given)
    t.same((await rows())[0], { id: 1, a: 'X', b: 'X', c: 'x', d: 'X' })
    await undo(run, { databaseUrl: db.url })
    t.same(await rows(), before, 'what a collation takes for equal is restored too')

    const { run: second } = await update(file(t, 'id,a,b\n2,Z,Z\n'), given)
    await db.run(`UPDATE things SET a = 'z' WHERE id = 2`)
    t.match(await failure(t, undo(second, { databaseUrl: db.url })), { code: 'UNDO_CONFLICTS' })
    await db.run(`UPDATE things SET a = 'Z' WHERE id = 2`)
    await undo(second, { databaseUrl: db.url })
    t.same(await rows(), before)

    const planned = await plan(file(t, 'id,a,b,c,d\n1,Q,Q,Q,Q\n3,n,n,n,n\n'), given)
    await db.run(`UPDATE things SET a = 'X' WHERE id = 1`)
    t.match(await failure(t, apply(planned.run, { databaseUrl: db.url })), {
      code: 'PLAN_STALE',
      details: { differ: more === '' ? 1 : 0 },
    })
    await db.run(`UPDATE things SET a = 'x' WHERE id = 1`)
    t.match(await apply(planned.run, { databaseUrl: db.url }), { rows: { inserted: 1, updated: 1 } })
    await undo(planned.run, { databaseUrl: db.url })
    t.same(await rows(), before)

    const keyed = { ...given, table: 'keyed', key: ['a', 'b'] }
    await db.run(`CREATE TABLE keyed (a text COLLATE german, b text COLLATE "C", c text COLLATE blind, PRIMARY KEY (a, b));
      INSERT INTO keyed VALUES ('k', 'l', 'v')`)
    const { run: third } = await plan(file(t, 'a,b,c\nk,l,V2\nm,n,o\n'), keyed)
    await db.run(`UPDATE keyed SET c = 'w'`)
    t.match(await failure(t, apply(third, { databaseUrl: db.url })), {
      code: 'PLAN_STALE',
      details: { differ: 1 },
    })
    await apply(third, { databaseUrl: db.url, replan: true })
    t.match(await apply(third, { databaseUrl: db.url }), { rows: { inserted: 1, updated: 1 } })
    t.match(await ingest(file(t, 'a,b,c\nk,l,V2\nm,n,o\n'), keyed), { rows: { unchanged: 2 } })
  })
