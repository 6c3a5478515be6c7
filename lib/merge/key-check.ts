import type { Session } from '../db/session.js'
import { type Fragment, list, sql, statement } from '../db/sql.js'
import { type Reject, recordRejects } from '../ledger/rejects.js'
import type { Locator, Place } from '../load/locator.js'
import { stagingTable } from '../load/staging.js'
import type { Column } from './columns.js'

interface BadKey extends Place {
  readonly reason: string
}

/** Records that are kept in memory before they are written to the ledger. */
const BATCH = 500

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
  const fragments = keyConditions(key)
  const bad = await session.rows<BadKey>(
    statement('merge/find_bad_keys', { staging: stagingTable(run), ...fragments }),
  )
  if (bad.length === 0) return 0
  await session.transaction(async () => {
    for (let from = 0; from < bad.length; from += BATCH) {
      const rejects: Reject[] = []
      for (const each of bad.slice(from, from + BATCH)) {
        rejects.push({ ...(await locator.locate(each)), reason: each.reason })
      }
      await recordRejects(session, run, rejects)
    }
    await session.run(statement('merge/delete_bad_keys', { staging: stagingTable(run), ...fragments }))
  })
  return bad.length
}

function keyConditions(key: readonly Column[]): Record<'missing' | 'length', Fragment> {
  const missing = key.map(({ staged }) => sql`${staged} IS NULL OR ${staged} = ''`)
  const length = key.map(({ staged }) => sql`octet_length(${staged})`)
  return { missing: sql`(${list(missing, ' OR ')})`, length: sql`(${list(length, ' + ')})` }
}
