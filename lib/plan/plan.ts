import type { Judged } from '../judge/judge.js'
import { planByComparing } from './compare.js'
import type { Finish, PlanContext, Planned } from './context.js'
import { planByTrial } from './trial.js'

/**
 * Finds out what a load would do, and stores it as the change set of its run.
 * @param isRowByRow whether a trial for all rows has failed
 * @throws what a publication throws
 */
export async function plan(
  context: PlanContext,
  judged: Judged,
  isRowByRow: boolean,
  finish: Finish,
): Promise<Planned> {
  const compared = isRowByRow ? undefined : await planByComparing(context, judged, finish)
  return compared ?? (await planByTrial(context, judged, isRowByRow, finish))
}
