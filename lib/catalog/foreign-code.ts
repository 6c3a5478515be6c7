import { DasyError } from '../base/errors.js'
import { displayName } from '../contract/table-name.js'
import { foreignCodeOf, namesOf, ownersOf } from '../db/foreign-schema.js'
import type { Session } from '../db/session.js'
import type { Target } from './target.js'

/**
 * PostgreSQL runs what is attached to a table (triggers, rules, checks, defaults, generated columns, indexes on
 * expressions, types with checks and casts) as whoever writes, so whoever attached it would have a superuser's rights. See
 * "Whose code runs as whom" in docs/architecture.md.
 * @throws DasyError FOREIGN_CODE where this role has rights that the code's owner has not
 */
export async function refuseForeignCode(session: Session, { oid, schema, name }: Target): Promise<void> {
  const found = await foreignCodeOf(session, [oid])
  if (found.length === 0) return
  const owners = ownersOf(found)
  const { user } = (await session.row<{ user: string }>('SELECT current_user AS user')) as { user: string }
  const table = displayName({ schema, name })
  throw new DasyError(
    'FOREIGN_CODE',
    `a load into ${table} would run code of ${owners.join(', ')} with the rights of ${user}, who may do more: ${namesOf(found)}`,
    {
      hint: `Connect as ${owners[0]}, or as a role that has no more rights and may write ${table}; or, if you trust ${owners.join(', ')} with your rights, --trust-owner.`,
      details: { table, owners, code: found.map(({ what }) => what) },
    },
  )
}
