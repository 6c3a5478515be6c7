import type { Session } from '../db/session.js'
import { type Fragment, list, sql, statement } from '../db/sql.js'
import { type Reject, recordRejects } from '../ledger/rejects.js'
import type { Locator, Place } from '../load/locator.js'
import { stagingTable } from '../load/staging.js'
import type { Column } from './columns.js'

interface BadKey extends Place {
  readonly reason: string
}

/**
 * Rejects the staged records that have no key or one that no index takes, before the merge would trip over
 * them: moves them from staging to the ledger's rejects, with their place and original bytes.
 */
export async function rejectBadKeys(
  session: Session,
  run: number,
  key: readonly Column[],
  locator: Locator,
): Promise<void> {
  const fragments = { staging: stagingTable(run), ...keyConditions(key) }
  return session.transaction(async () => {
    await session.run(statement('merge/find_bad_keys', fragments))
    let found = 0
    async function* located(): AsyncGenerator<Reject> {
      for (;;) {
        const bad = await session.rows<BadKey>(statement('merge/next_bad_keys'))
        if (bad.length === 0) return
        found += bad.length
        for (const each of bad) {
          yield { ...(await locator.locate(each)), reason: each.reason, complete: true, staged: true }
        }
      }
    }
    await recordRejects(session, run, located())
    if (found > 0) await session.run(statement('merge/delete_bad_keys', fragments))
  })
}

function keyConditions(key: readonly Column[]): Record<'missing' | 'length', Fragment> {
  const missing = key.map(({ staged }) => sql`${staged} IS NULL OR ${staged} = ''`)
  const length = key.map(({ staged }) => sql`octet_length(${staged})`)
  return { missing: sql`(${list(missing, ' OR ')})`, length: sql`(${list(length, ' + ')})` }
}
