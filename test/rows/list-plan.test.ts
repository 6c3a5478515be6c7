import t from 'tap'
import { Rows } from '../../lib/api/rows.js'
import { Database } from '../../lib/db/database.js'
import type { Session } from '../../lib/db/session.js'
import { prepareReader } from '../../lib/rows/tables.js'
import { Sessions } from '../../lib/service/sessions.js'
import { tableOf } from './open.js'

/** A step of a plan, as EXPLAIN writes it. */
interface Step {
  readonly 'Node Type': string
  readonly Output?: readonly string[]
  readonly Plans?: readonly Step[]
}

function stepsOf(step: Step): Step[] {
  return [step, ...(step.Plans ?? []).flatMap(stepsOf)]
}

t.test('only the rows of a page are written as JSON, whatever sorts them', async (t) => {
  const { db } = await tableOf(t, 'CREATE TABLE things (id text PRIMARY KEY, name text, note text)')
  const database = await Database.open({ databaseUrl: db.url })
  const sessions = new Sessions(database, prepareReader)
  t.teardown(async () => {
    await sessions[Symbol.asyncDispose]()
    await database.close()
  })
  const asked: string[] = []
  const watch = (session: Session): Session =>
    new Proxy(session, {
      get(target, name) {
        const value = Reflect.get(target, name, target)
        if (typeof value !== 'function') return value
        return (...values: unknown[]) => {
          if (name === 'rows') asked.push(String(values[0]))
          return value.apply(target, values)
        }
      },
    })
  const lender = {
    use: <Result>(work: (session: Session) => Promise<Result>) =>
      sessions.use((session) => work(watch(session))),
    inTurn: <Result>(work: () => Promise<Result>) => sessions.inTurn(work),
  }
  const rows = new Rows(lender, lender, { tables: [{ schema: undefined, name: 'things' }] })
  for (const sort of ['name', '-name,note', undefined]) {
    await rows.list('things', { sort, select: 'note' })
    const { 'QUERY PLAN': plan } = await db.row<{ 'QUERY PLAN': [{ Plan: Step }] }>(
      `EXPLAIN (VERBOSE, FORMAT JSON) ${asked.at(-1)}`,
    )
    const steps = stepsOf(plan[0].Plan)
    const [below] = steps.filter((step) => step['Node Type'] === 'Limit')
    t.ok(below, `sorted by ${sort}: there is a limit`)
    t.notMatch(JSON.stringify(below), /row_to_json/, `sorted by ${sort}: nothing below it writes JSON`)
    t.match(JSON.stringify(steps[0]?.Output), /row_to_json/)
    const isSorted = steps.some((step) => /Sort/.test(step['Node Type']))
    t.equal(isSorted, sort !== undefined, `sorted by ${sort}: the key's index serves its own order`)
  }
})
