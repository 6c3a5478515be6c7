import { OWN_SCHEMA } from '../base/own-schema.js'
import type { Reject } from '../csv/reject.js'
import { withoutLoops } from '../db/join-plans.js'
import { type Fragment, ident, query, sql, statement } from '../db/sql.js'
import type { StagedPosition } from '../ledger/locator.js'
import { recordRejects } from '../ledger/rejects.js'
import { partsOfPosition, stagingTable } from '../ledger/staging.js'
import type { RunContext } from './context.js'

interface Refused extends StagedPosition {
  readonly reason: string
}

/** What is needed to move records from staging to the ledger's rejects. */
export type RejectContext = Pick<RunContext, 'session' | 'run' | 'locator'>

/**
 * Moves staged records to the ledger's rejects, with their place and original bytes. The caller has begun a transaction.
 * @param declare declares a cursor `refused` over source, place and reason, in the order of the file
 * @param remove deletes the same records from staging
 * @returns how many were moved
 */
export async function moveToRejects(
  { session, run, locator }: RejectContext,
  declare: string,
  remove: string,
): Promise<number> {
  await session.run(declare)
  let found = 0
  async function* located(): AsyncGenerator<Reject> {
    for (;;) {
      const refused = await session.rows<Refused>(query`FETCH FORWARD 500 FROM refused`)
      if (refused.length === 0) return
      found += refused.length
      for (const each of await locator.rewriter.rewrite(refused)) {
        yield { ...(await locator.locate(each)), reason: each.reason, complete: true, staged: true }
      }
    }
  }
  await recordRejects(session, run, located())
  await session.run(query`CLOSE refused`)
  if (found > 0) await withoutLoops(session, () => session.run(remove))
  return found
}

/**
 * Rejects the records that `fill` puts into a table of (position, reason), in one transaction. The first reason of a
 * record counts.
 */
export async function rejectListed(
  context: RejectContext,
  fill: (refused: Fragment) => Promise<void>,
): Promise<void> {
  const { session, run } = context
  const refused = ident(OWN_SCHEMA, `refused_${run}`)
  const fragments = { refused, staging: stagingTable(run), ...partsOfPosition(sql`position`) }
  await session.transaction(async () => {
    await session.run(statement('judge/create_refused', fragments))
    await fill(refused)
    await moveToRejects(
      context,
      statement('judge/find_refused', fragments),
      statement('judge/delete_refused', fragments),
    )
    await session.run(query`DROP TABLE ${refused}`)
  })
}
