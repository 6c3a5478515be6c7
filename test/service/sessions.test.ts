import t, { type Test } from 'tap'
import { Database } from '../../lib/db/database.js'
import { Sessions } from '../../lib/service/sessions.js'
import { refusal } from '../rows/open.js'
import { testDatabase } from '../support/database.js'

/** Requests that keep their sessions until they are told to end. */
class Kept {
  /** Those that have a session, by their tables. */
  readonly begun: string[] = []
  readonly #ends: (() => void)[] = []

  constructor(readonly sessions: Sessions) {}

  ask(table: string | undefined): Promise<void> {
    return this.sessions.use(async () => {
      this.begun.push(table ?? 'none')
      await new Promise<void>((resolve) => this.#ends.push(resolve))
    }, table)
  }

  end(): void {
    for (const end of this.#ends.splice(0)) end()
  }

  async until(begun: number): Promise<void> {
    while (this.begun.length < begun) await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

async function sessionsOf(t: Test): Promise<Sessions> {
  const database = await Database.open({ databaseUrl: (await testDatabase(t)).url })
  const sessions = new Sessions(database)
  t.teardown(async () => {
    await sessions[Symbol.asyncDispose]()
    await database.close()
  })
  return sessions
}

t.test('requests about one table leave sessions to those about others', async (t) => {
  const kept = new Kept(await sessionsOf(t))
  const ended = Array.from({ length: 12 }, () => kept.ask('a'))
  await kept.until(5)
  t.equal(await kept.sessions.use(async () => 'done', 'b'), 'done', 'another table has its turn')
  t.equal(await kept.sessions.use(async () => 'done'), 'done', 'and so has who needs none')
  t.same(kept.begun, Array(5).fill('a'), 'while no more of the first have theirs')
  for (const table of ['b', 'b', 'c', 'c', 'd', 'e']) ended.push(kept.ask(table))
  await kept.until(9)
  t.equal(
    await kept.sessions.use(async () => 'done', 'f'),
    'done',
    'five tables that are stuck leave one session',
  )
  t.same(kept.begun.slice(5).sort(), ['b', 'c', 'd', 'e'])
  const all = Promise.all(ended)
  const timer = setInterval(() => kept.end(), 5)
  await all
  clearInterval(timer)
  t.same(kept.begun.slice().sort().join(''), 'aaaaaaaaaaaabbccde', 'each had its turn')
})

t.test('who names no table can have all', async (t) => {
  const kept = new Kept(await sessionsOf(t))
  const ended = Array.from({ length: 10 }, () => kept.ask(undefined))
  await kept.until(10)
  const last = kept.ask(undefined)
  kept.end()
  await kept.until(11)
  kept.end()
  await Promise.all([...ended, last])
  t.equal(kept.begun.length, 11)
})

t.test('who waits is refused when the service stops', async (t) => {
  const kept = new Kept(await sessionsOf(t))
  const ended = Array.from({ length: 5 }, () => kept.ask('a'))
  await kept.until(5)
  const refused = refusal(kept.ask('a'))
  await kept.sessions[Symbol.asyncDispose]()
  t.match(await refused, { code: 'SERVER_BUSY' })
  kept.end()
  await Promise.all(ended)
  t.equal(kept.begun.length, 5)
})

t.test('what is at work ends when the service stops', async (t) => {
  const sessions = await sessionsOf(t)
  let isBegun = false
  const work = refusal(
    sessions.use((session) => {
      isBegun = true
      return session.run('SELECT pg_sleep(86400)')
    }),
  )
  const stream = await sessions.forStream()
  const read = refusal(stream.run('SELECT pg_sleep(86400)')).finally(() => stream.close())
  while (!isBegun) await new Promise((resolve) => setTimeout(resolve, 5))
  await sessions[Symbol.asyncDispose]()
  t.equal((await work).code, 'CONNECTION_LOST')
  t.equal((await read).code, 'CONNECTION_LOST')
})
