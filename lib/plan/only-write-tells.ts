import type { Target } from '../catalog/target.js'
import type { Settings } from '../contract/settings.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import type { Mapping } from '../mapping/columns.js'

/** Whether only a write can tell what a load would do: the table may refuse rows, or store something else. */
export async function onlyWriteTells(
  session: Session,
  { oid, kind, hasChildren, actors }: Target,
  { columns, key }: Mapping,
  { policy }: Settings,
): Promise<boolean> {
  if (kind !== 'r' || hasChildren || actors.length > 0) return true
  const row = await session.row<{ needed: boolean }>(statement('plan/only_write_tells'), [
    oid,
    columns.map(({ target }) => target),
    key.map(({ target }) => target),
    !policy.existingOnly,
    policy.onConflict === 'update',
    policy.sync !== undefined,
  ])
  return row?.needed ?? true
}
