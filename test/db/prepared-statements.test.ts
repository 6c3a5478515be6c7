import t, { type Test } from 'tap'
import { Database } from '../../lib/db/database.js'
import { PreparedStatements } from '../../lib/db/prepared-statements.js'
import type { Session } from '../../lib/db/session.js'
import { type TestDatabase, testDatabase } from '../support/database.js'

async function sessionOf(t: Test, db: TestDatabase): Promise<Session> {
  const session = await (await Database.open({ databaseUrl: db.url })).session()
  t.teardown(() => session.close())
  return session
}

/** The texts that the server keeps prepared. */
async function kept(session: Session): Promise<string[]> {
  const found = await session.rows<{ statement: string }>(
    'SELECT statement FROM pg_prepared_statements ORDER BY 1',
  )
  return found.map(({ statement }) => statement)
}

t.test('a text is prepared when it comes again in a later round', async (t) => {
  const prepared = new PreparedStatements()
  for (const _ of [1, 2]) t.equal(prepared.nameOf('SELECT $1'), undefined)
  prepared.endRound()
  const name = prepared.nameOf('SELECT $1')
  t.match(name, /^dasy_[0-9a-f]{8}_1$/)
  t.equal(prepared.nameOf('SELECT $1'), name)
  t.equal(prepared.nameAtOnce('SELECT $1'), name)
  t.match(prepared.nameAtOnce('SELECT 2'), /_2$/)
  prepared.pause()
  t.equal(prepared.nameOf('SELECT $1'), undefined, 'not if foreign code may deallocate it')
})

t.test('not more texts are remembered than there is room for', async (t) => {
  const prepared = new PreparedStatements()
  for (let round = 0; round < 5; round += 1) {
    for (let text = 0; text < 700; text += 1) prepared.nameOf(`SELECT $1, ${round}, ${text}`)
    prepared.endRound()
  }
  t.equal(prepared.nameOf('SELECT $1, 3, 1'), undefined)
  t.ok(prepared.nameOf('SELECT $1, 4, 1'))
})

t.test('a session that is set back keeps the statements that come again, and no other', async (t) => {
  const session = await sessionOf(t, await testDatabase(t))
  const again = 'SELECT $1::int AS it'
  t.same(await session.rows(again, [0]), [{ it: 0 }])
  session.endRound()
  for (const value of [1, 2, 3]) t.same(await session.rows(again, [value]), [{ it: value }])
  await session.run(`PREPARE ${session.newStatementName()} AS SELECT 'once'`)
  await session.run(`SET work_mem = '77MB'`)
  await session.run('CREATE TEMPORARY TABLE mine (id int)')
  t.equal((await kept(session)).length, 2)
  t.equal(await session.reset(), true)
  t.same(await kept(session), [again])
  t.same(await session.rows(again, [4]), [{ it: 4 }])
  t.not((await session.row<{ work_mem: string }>('SHOW work_mem'))?.work_mem, '77MB')
  t.same(await session.row(`SELECT to_regclass('pg_temp.mine') AS mine`), { mine: null })
})

t.test('foreign code that deallocates nothing does no harm', async (t) => {
  const session = await sessionOf(t, await testDatabase(t))
  const again = 'SELECT $1::int AS it'
  for (const value of [1, 2]) {
    await session.rows(again, [value])
    session.endRound()
  }
  session.stopPreparing()
  t.equal(await session.reset(), true)
  t.same(await kept(session), [again])
})

t.test('after foreign code all are prepared anew', async (t) => {
  const session = await sessionOf(t, await testDatabase(t))
  const again = 'SELECT $1::int AS it'
  for (const value of [1, 2]) {
    await session.rows(again, [value])
    session.endRound()
  }
  session.stopPreparing()
  await session.run('DEALLOCATE ALL')
  t.same(await session.rows(again, [3]), [{ it: 3 }])
  t.equal(await session.reset(), true)
  for (const value of [4, 5]) {
    t.same(await session.rows(again, [value]), [{ it: value }])
    session.endRound()
  }
  t.same(await kept(session), [again])
})

t.test('where event triggers may deallocate them, nothing is prepared', async (t) => {
  const db = await testDatabase(t)
  await db.run(`
    CREATE FUNCTION forget() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN DEALLOCATE ALL; END $$;
    CREATE EVENT TRIGGER forget ON ddl_command_end EXECUTE FUNCTION forget()`)
  const session = await sessionOf(t, db)
  for (const value of [1, 2]) {
    await session.run(`CREATE TABLE t${value} (id int)`)
    t.same(await session.rows('SELECT $1::int AS it', [value]), [{ it: value }])
    t.same(await session.planned('SELECT 1 AS one'), [{ one: 1 }])
  }
  t.same(await kept(session), [])
})
