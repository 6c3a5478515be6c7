import { aggregatesOf } from '../aggregate/aggregate.js'
import { inspectTarget } from '../catalog/target.js'
import type { AggregateMovements } from '../contract/events.js'
import type { Session } from '../db/session.js'
import { recordSet } from '../history/change-set.js'
import { forgetPlan } from '../history/prune.js'
import type { RunContext } from '../judge/context.js'
import type { Judged } from '../judge/judge.js'
import { type Published, publish } from '../merge/publication.js'
import { stagedPublication } from '../merge/staged-publication.js'
import { shownName } from './compare.js'
import { type Finish, NO_SECOND, type PlanContext, type Planned } from './context.js'
import { movedGroups, type StoredRows } from './movements.js'
import { keepPlannedPlaces } from './planned-places.js'
import { rolledBack } from './rolled-back.js'
import { TrialRecorder, type TriedSet } from './trial-recorder.js'

/**
 * Plans a load by its whole publication, which is rolled back: only that tells what constraints, triggers, partitions and the
 * user's SQL do. Other writers wait for it, readers do not; sequences move.
 * @throws what a publication throws
 */
export async function planByTrial(
  context: PlanContext,
  judged: Judged,
  isRowByRow: boolean,
  finish: Finish,
): Promise<Planned> {
  const { session, run, settings } = context
  const keeper = await context.second.open()
  // Before the user's SQL, which may make it.
  const found = await inspectTarget(session, settings.table)
  return await keeper.transaction(async () => {
    await forgetPlan(keeper, run)
    const { published, set } = await tryWriting(context, judged, isRowByRow, keeper)
    const { kind, columns, counts, digest } = set
    await recordSet(keeper, {
      ...{ run, relation: found?.oid ?? null, kind, columns, ...counts },
      ...(digest !== undefined && { digest }),
      planned: true,
    })
    await keepPlannedPlaces(context, keeper, kind)
    const makes =
      !found || columns.others.some(({ name }) => !found.columns.some((column) => column.name === name))
    const movements = await movementsOf(context, keeper, { run, kind, columns }, found?.oid)
    const planned = { ...published, makes, movements }
    await finish(planned, keeper)
    return planned
  })
}

async function tryWriting(
  context: RunContext,
  judged: Judged,
  isRowByRow: boolean,
  keeper: Session,
): Promise<{ published: Published; set: TriedSet }> {
  const alone = { ...context, keepsHistory: true, second: NO_SECOND }
  let recorder: TrialRecorder | undefined
  const publication = stagedPublication(alone, judged, {
    isRowByRow,
    comparesAll: true,
    recorder(writing, target) {
      recorder = new TrialRecorder(writing, target, keeper)
      return recorder
    },
  })
  return await rolledBack((done) =>
    publish(alone, publication, async (published) =>
      done({ published, set: (recorder as TrialRecorder).set }),
    ),
  )
}

/** Of the aggregates that exist. */
async function movementsOf(
  { settings }: RunContext,
  session: Session,
  changes: StoredRows,
  target: number | undefined,
): Promise<AggregateMovements[]> {
  const movements: AggregateMovements[] = []
  for (const aggregate of target === undefined ? [] : await aggregatesOf(session, target)) {
    if (aggregate.kind === 'manual') continue
    const { groups } = await movedGroups(session, changes, aggregate)
    movements.push({ table: shownName(aggregate, settings.table.schema), groups })
  }
  return movements
}
