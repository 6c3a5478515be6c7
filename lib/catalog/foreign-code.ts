import { DasyError } from '../base/errors.js'
import { displayName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { fromCatalog, statement } from '../db/sql.js'
import type { Target } from './target.js'

interface ForeignCode {
  readonly what: string
  readonly owner: string
}

/**
 * PostgreSQL runs what is attached to a table (triggers, rules, checks, defaults, generated columns, indexes on
 * expressions, types with checks and casts) as whoever writes, so whoever attached it would have a superuser's rights. See
 * "Whose code runs as whom" in docs/architecture.md.
 * @throws DasyError FOREIGN_CODE where this role has rights that the code's owner has not
 */
export async function refuseForeignCode(session: Session, { oid, schema, name }: Target): Promise<void> {
  const found = await session.rows<ForeignCode>(statement('catalog/foreign_code'), [oid])
  if (found.length === 0) return
  const owners = [...new Set(found.map(({ owner }) => owner))]
  const { user } = (await session.row<{ user: string }>('SELECT current_user AS user')) as { user: string }
  const table = displayName({ schema, name })
  throw new DasyError(
    'FOREIGN_CODE',
    `a load into ${table} would run code of ${owners.join(', ')} with the rights of ${user}, who may do more: ${found.map(({ what }) => what).join(', ')}`,
    {
      hint: `Connect as ${owners[0]}, or as a role that has no more rights and may write ${table}; or let a role that you trust own this code.`,
      details: { table, owners, code: found.map(({ what }) => what) },
    },
  )
}

/**
 * What keeps aggregates right is the table owner's, and runs as the owner: that it does so until the end of the
 * transaction. The caller has locked the table.
 */
export async function keepDefiners(session: Session, { oid }: Target): Promise<void> {
  await session.run(statement('catalog/keep_definers', { oid: fromCatalog(String(oid)) }))
}
