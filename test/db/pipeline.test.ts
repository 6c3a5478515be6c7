import t, { type Test } from 'tap'
import type { DasyError } from '../../lib/base/errors.js'
import { Database } from '../../lib/db/database.js'
import type { Session } from '../../lib/db/session.js'
import { copyInto } from '../../lib/load/copy-stream.js'
import { testDatabase } from '../support/database.js'

async function sessionOf(t: Test): Promise<Session> {
  const db = await testDatabase(t)
  const session = await (await Database.open({ databaseUrl: db.url })).session()
  t.teardown(() => session.close())
  await session.run('CREATE TABLE noted (id integer)')
  return session
}

/** The bytes that were given to the socket. */
function sent(session: Session): number {
  const { connection } = session.client as unknown as { connection: { stream: { bytesWritten: number } } }
  return connection.stream.bytesWritten
}

const DIVISION_BY_ZERO = '22012'

async function sqlStateOf(failing: Promise<unknown>): Promise<unknown> {
  return await failing.then(
    () => undefined,
    (error: DasyError) => error.details.sqlState,
  )
}

const note = (session: Session, id: number) => session.run('INSERT INTO noted VALUES ($1)', [id])

async function noted(session: Session): Promise<number[]> {
  return (await session.rows<{ id: number }>('SELECT id FROM noted ORDER BY id')).map(({ id }) => id)
}

t.test('statements are sent before the answers to those before them, and each gets its own', async (t) => {
  const session = await sessionOf(t)
  const before = sent(session)
  const answers = session.together(() => [
    session.run('SELECT pg_sleep(0.1)'),
    session.rows<{ two: number }>('SELECT $1::integer AS two', [2]),
    session.planned<{ three: string }>(`SELECT '${'3'.repeat(1000)}' AS three`),
  ])
  t.ok(sent(session) - before > 1000, 'all are on their way')
  const [one, [two], [three]] = await answers
  t.same([one, two, three?.three.length], [1, { two: 2 }, 1000])
  const alone = sent(session)
  const first = session.run('SELECT pg_sleep(0.1)')
  const second = session.run(`SELECT '${'x'.repeat(1000)}'`)
  t.ok(sent(session) - alone < 1000, 'others wait as before')
  await Promise.all([first, second])
})

t.test('the first error is thrown when all have ended', async (t) => {
  const session = await sessionOf(t)
  const fails = () => session.run('SELECT 1 / $1::integer', [0])
  const both = session.together(() => [note(session, 1), fails(), note(session, 2), session.run('no SQL')])
  t.equal(await sqlStateOf(both), DIVISION_BY_ZERO)
  t.ok(session.isFree)
  t.same(await noted(session), [1, 2], 'the others ran')
  const inTransaction = session.transaction(() =>
    session.together(() => [note(session, 3), fails(), note(session, 4)]),
  )
  t.equal(await sqlStateOf(inTransaction), DIVISION_BY_ZERO)
  t.same(await noted(session), [1, 2], 'but not in its transaction')
})

t.test('a COPY waits for all answers', async (t) => {
  const session = await sessionOf(t)
  const [, copied] = await session.together(() => [
    session.run('SELECT pg_sleep(0.1)'),
    copyInto(session, 'COPY noted FROM STDIN', [Buffer.from('1\n2\n')]),
  ])
  t.equal(copied, 2)
  t.equal((await session.together(() => [])).length, 0)
  t.equal(await copyInto(session, 'COPY noted FROM STDIN', [Buffer.from('3\n')]), 1)
  t.same(await noted(session), [1, 2, 3])
})

t.test('a session is busy until the last answer', async (t) => {
  const session = await sessionOf(t)
  const quick = session.run('SELECT 1')
  let wasBusy = false
  await session.together(() => [
    quick.then(() => {
      wasBusy = session.busySince !== undefined
    }),
    session.run('SELECT pg_sleep(0.1)'),
  ])
  t.ok(wasBusy)
  t.equal(session.busySince, undefined)
})
