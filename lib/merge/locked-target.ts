import { secureTriggerFunctions, triggerFunctionsOfOthers } from '../aggregate/triggers.js'
import { refuseForeignCode } from '../catalog/foreign-code.js'
import { requireKnown } from '../catalog/known.js'
import { hasRows, lockTarget, requireTarget, type TableLock, type Target } from '../catalog/target.js'
import type { TableName } from '../contract/table-name.js'
import { foreignCodeOf } from '../db/foreign-schema.js'
import type { Session } from '../db/session.js'
import { fromCatalog, ident, query } from '../db/sql.js'
import type { RunContext } from '../judge/context.js'
import type { Judged } from '../judge/judge.js'
import type { PlainKey } from './key.js'
import { requireSameMapping } from './mapping-changed.js'
import { type MergeContext, mergeContext } from './strategy.js'

/** A table that exists: locked, and inspected again under its lock. */
export class LockedTarget {
  private constructor(
    readonly context: MergeContext,
    readonly target: Target,
    /** Whether it had no rows before it was locked. */
    private readonly wasEmpty: boolean,
  ) {}

  /** @throws MappingChanged, DasyError TABLE_NOT_FOUND, TABLE_NOT_ALLOWED, FOREIGN_CODE */
  static async lock(context: RunContext, judged: Judged, found: Target): Promise<LockedTarget> {
    const { session, settings } = context
    // No reader has to wait for long if there are no rows.
    const isEmpty = rebuildable(found) !== undefined && !(await hasRows(session, settings.table, found))
    const target = await lockForWriting(session, settings, found, isEmpty ? 'readers' : 'writers')
    const { onlyKnown } = settings.policy
    if (onlyKnown) await requireKnown(session, settings.table, target, onlyKnown)
    const mapping = requireSameMapping(judged, target)
    const merging = mergeContext(context, judged, mapping, ident(found.schema, found.name))
    return new LockedTarget(merging, target, isEmpty)
  }

  /** Adds the columns that the load adds. @returns the table with them */
  async addColumns(): Promise<Target> {
    const { session, mapping, target: name } = this.context
    const added = mapping.columns.filter((column) => column.added)
    for (const { target: column, stored } of added) {
      const type = fromCatalog(stored.type)
      await session.run(query`ALTER TABLE ${name} ADD COLUMN ${ident(column)} ${type}`)
    }
    return added.length > 0 ? await requireTarget(session, this.target) : this.target
  }

  /** The primary key, if the load may drop it, insert the rows and build it again: the table has no rows yet. */
  async keyToRebuild(): Promise<Required<PlainKey> | undefined> {
    const { session, settings } = this.context
    // Nothing will be inserted.
    if (settings.policy.existingOnly || !this.wasEmpty) return undefined
    const key = rebuildable(this.target)
    return key && !(await hasRows(session, settings.table, this.target)) ? key : undefined
  }
}

/**
 * Locks a table, inspects it again, and makes sure that writing to it runs no code of others.
 * @throws DasyError TABLE_NOT_FOUND, FOREIGN_CODE
 */
export async function lockForWriting(
  session: Session,
  { table, tuning }: { readonly table: TableName; readonly tuning: { readonly trustOwner: boolean } },
  found: Target,
  lock: TableLock = 'writers',
): Promise<Target> {
  const { trustOwner } = tuning
  // What is asked after the lock sees what was committed before it was granted.
  const [, target, functions, code] = await session.together(() => [
    lockTarget(session, table, found, lock),
    // By the name that was locked: the search path may find another table by now.
    requireTarget(session, found, found),
    triggerFunctionsOfOthers(session, found.oid),
    trustOwner ? Promise.resolve([]) : foreignCodeOf(session, [found.oid]),
  ])
  const isSame = target.oid === found.oid
  const others = isSame ? functions : await triggerFunctionsOfOthers(session, target.oid)
  await secureTriggerFunctions(session, others)
  if (!trustOwner) await refuseForeignCode(session, target, isSame && others.length === 0 ? code : undefined)
  // An error of a deferred constraint at the commit could not be traced to its row.
  if (target.deferrable) await session.run(query`SET CONSTRAINTS ALL IMMEDIATE`)
  return target
}

/** The primary key, if a user of a table without rows could not see that it was dropped and built again. */
function rebuildable({
  ours,
  owned,
  kind,
  hasChildren,
  actors,
  keys,
}: Target): Required<PlainKey> | undefined {
  if (!ours || !owned || kind !== 'r' || hasChildren || actors.length > 0) return undefined
  const key = keys.find(({ plain }) => plain)
  return key?.constraint ? { constraint: key.constraint, columns: key.columns } : undefined
}
