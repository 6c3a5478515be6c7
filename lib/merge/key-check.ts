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
  const values = key.map(({ staged }) => sql`s.${staged}`)
  const fragments = { staging: stagingTable(run), missing: missing(values), unusable: unusable(values) }
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

/**
 * Whether the columns of a key hold something that no index takes: NULL, an empty text, or more than a B-tree entry has
 * room for (less what its header takes).
 */
export function unusable(key: readonly Fragment[]): Fragment {
  const length = list(
    key.map((column) => sql`octet_length(${column})`),
    ' + ',
  )
  return sql`(${missing(key)} OR ${length} > 2600)`
}

function missing(key: readonly Fragment[]): Fragment {
  return sql`(${list(
    key.map((column) => sql`${column} IS NULL OR ${column} = ''`),
    ' OR ',
  )})`
}
