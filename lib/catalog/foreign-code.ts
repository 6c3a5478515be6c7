import { DasyError } from '../base/errors.js'
import { displayName } from '../contract/table-name.js'
import { type ForeignCode, foreignCodeOf, namesOf, ownersOf } from '../db/foreign-schema.js'
import type { Session } from '../db/session.js'
import { query } from '../db/sql.js'
import type { Target } from './target.js'

/**
 * PostgreSQL runs the code attached to a table (triggers, rules, checks, defaults, generated columns, indexes on expressions,
 * types with checks and casts) with the rights of the role that writes. See "Whose code runs as whom" in
 * docs/architecture.md.
 * @param known the code, if it was asked for already
 * @throws DasyError FOREIGN_CODE if this role has rights that the owner of such code has not
 */
export async function refuseForeignCode(
  session: Session,
  { oid, schema, name }: Target,
  known?: readonly ForeignCode[],
): Promise<void> {
  const found = known ?? (await foreignCodeOf(session, [oid]))
  if (found.length === 0) return
  const owners = ownersOf(found)
  const { user } = (await session.row<{ user: string }>(query`SELECT current_user AS user`)) as {
    user: string
  }
  const table = displayName({ schema, name })
  throw new DasyError(
    'FOREIGN_CODE',
    `a load into ${table} would run code of ${owners.join(', ')} with the rights of ${user}, which has more: ${namesOf(found)}`,
    {
      hint: `Connect as ${owners[0]}, or as a role without more rights that may write ${table}. If you trust ${owners.join(', ')} with your rights, use --trust-owner.`,
      details: { table, owners, code: found.map(({ what }) => what) },
    },
  )
}
