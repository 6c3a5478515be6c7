import { inspectTarget } from '../catalog/target.js'
import { displayName } from '../contract/table-name.js'
import type { ChangeSet } from '../history/change-set.js'
import { forgetPlan } from '../history/prune.js'
import type { RunContext } from '../judge/context.js'
import type { Judged } from '../judge/judge.js'
import type { Publication } from '../merge/publication.js'
import { stagedPublication } from '../merge/staged-publication.js'
import { Upsert } from '../merge/upsert.js'
import { AppliedRecorder } from './applied-recorder.js'
import { stale } from './stale.js'

/**
 * Publishes a plan: exactly what it showed, or nothing.
 * @throws DasyError PLAN_STALE, when it is published
 */
export function application(
  context: RunContext,
  judged: Judged,
  set: ChangeSet,
  isRowByRow: boolean,
): Publication {
  const { session, run, settings } = context
  const table = displayName(settings.table)
  const keys = judged.read - judged.rejected - judged.duplicates
  let isMadeSince = false
  const usual = stagedPublication(context, judged, {
    isRowByRow,
    get comparesAll() {
      return set.digest !== null || isMadeSince
    },
    recorder: (writing, target) => new AppliedRecorder(writing, target, { set, table, keys, isMadeSince }),
  })
  return {
    ...usual,
    // Before the user's SQL, which may make the table.
    async before() {
      const target = await inspectTarget(session, settings.table)
      isMadeSince = set.relation === null && target !== undefined
      if (set.relation !== null && target?.oid !== set.relation)
        throw stale(run, target ? `${table} was made anew` : `${table} is gone`, { table })
      await usual.before?.()
    },
    async choose() {
      const strategy = await usual.choose()
      // The rows of a table without rows are recorded as those of any load, so without places unless it has rows now.
      if (set.digest === null && !isMadeSince) await forgetPlan(session, run, strategy instanceof Upsert)
      return strategy
    },
    rows(written) {
      const rows = usual.rows(written)
      const { inserted, updated, deleted } = rows
      if (inserted !== set.inserted || updated !== set.updated || deleted !== set.deleted)
        throw stale(run, `${table} takes other rows than it did`, { table, rows })
      return rows
    },
  }
}
