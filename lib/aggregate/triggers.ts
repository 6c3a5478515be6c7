import type { Session } from '../db/session.js'
import { type Fragment, query, statement } from '../db/sql.js'
import type { Aggregate } from './aggregate.js'
import { partsOf } from './parts.js'
import { targetOf } from './relation.js'
import { isSound } from './state.js'

/** The triggers of live aggregates, on the table and on the view. */

/** Statements that create the functions. */
export function creatingTriggerFunctions(id: number): string[] {
  const parts = partsOf(id)
  return [
    statement('aggregate/create_follow', parts),
    statement('aggregate/create_amend', parts),
    query`REVOKE EXECUTE ON FUNCTION ${parts.follow}(), ${parts.amend}() FROM PUBLIC`,
  ]
}

/** Statements that create the triggers. */
export function creatingTriggers(id: number, target: Fragment, view: Fragment): string[] {
  const parts = { ...partsOf(id), target, view }
  return [
    statement('aggregate/create_view_triggers', parts),
    statement('aggregate/create_triggers', parts),
    statement('aggregate/enable_triggers', parts),
  ]
}

/** A live aggregate whose trigger functions belong to another role, and run in this one's writes. */
interface OfOthers {
  readonly id: number
}

export function triggerFunctionsOfOthers(session: Session, targetOid: number): Promise<OfOthers[]> {
  return session.rows<OfOthers>(statement('aggregate/trigger_functions_of_others'), [targetOid])
}

/**
 * Before a superuser writes to another role's table: creates the trigger functions again, because their owner may have
 * changed the role and the settings that they run with. Until the end of the transaction nobody can change them.
 */
export async function secureTriggerFunctions(session: Session, others: readonly OfOthers[]): Promise<void> {
  for (const { id } of others) await session.run(statement('aggregate/create_follow', partsOf(id)))
}

/** Disables the triggers. The caller has an EXCLUSIVE lock on the target, so no other session writes to it. */
export async function suspendTriggers(session: Session, aggregate: Aggregate): Promise<void> {
  await session.run(statement('aggregate/disable_triggers', onTarget(aggregate)))
}

/** Enables the triggers, and confirms the counts for the table's current file, because the caller may have rewritten it. */
export async function resumeTriggers(session: Session, aggregate: Aggregate): Promise<void> {
  const [, sound] = await session.together(() => [
    session.run(statement('aggregate/enable_triggers', onTarget(aggregate))),
    isSound(session, aggregate),
  ])
  if (sound) return
  const { id, target_oid } = aggregate
  await session.run(statement('aggregate/confirm_file', partsOf(id)), [id, target_oid])
}

function onTarget(aggregate: Aggregate): Record<string, Fragment> {
  return { ...partsOf(aggregate.id), target: targetOf(aggregate) }
}
