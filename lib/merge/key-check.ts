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
 *
 * @returns how many
 */
export async function rejectBadKeys(
  session: Session,
  run: number,
  key: readonly Column[],
  locator: Locator,
): Promise<number> {
  const fragments = { staging: stagingTable(run), ...keyConditions(key) }
  return session.transaction(async () => {
    await session.run(statement('merge/find_bad_keys', fragments))
    let found = 0
    for (;;) {
      const bad = await session.rows<BadKey>(statement('merge/next_bad_keys'))
      if (bad.length === 0) break
      const rejects: Reject[] = []
      for (const each of bad) rejects.push({ ...(await locator.locate(each)), reason: each.reason })
      await recordRejects(session, run, rejects)
      found += bad.length
    }
    if (found > 0) await session.run(statement('merge/delete_bad_keys', fragments))
    return found
  })
}

function keyConditions(key: readonly Column[]): Record<'missing' | 'length', Fragment> {
  const missing = key.map(({ staged }) => sql`${staged} IS NULL OR ${staged} = ''`)
  const length = key.map(({ staged }) => sql`octet_length(${staged})`)
  return { missing: sql`(${list(missing, ' OR ')})`, length: sql`(${list(length, ' + ')})` }
}
