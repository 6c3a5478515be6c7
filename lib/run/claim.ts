import { DasyError } from '../base/errors.js'
import { displayName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { ended } from '../ledger/run-claim.js'
import { type Reopening, RunLedger, requireStored } from '../ledger/run-ledger.js'
import type { NewSource } from '../ledger/sources.js'
import { hasBegun, isPlanned, type StoredRun } from '../ledger/stored-run.js'
import type { PreparedSource } from '../ranges/prepared-source.js'
import type { LoadConnection } from './connection.js'
import { commandOf, type Load, optionsOf } from './load.js'
import type { Preflight } from './preflight.js'
import { Run } from './run.js'
import { attemptContext } from './run-context.js'
import { discardObsoleteRuns, noteStagingSize, resumableRuns } from './unfinished-runs.js'

/** How long to wait for the lock of a run that the user named: its process may have died a moment ago. */
const WAIT_MS = 5000

/**
 * Decides which run loads the sources: the one that the user named, an earlier run of the same load that stopped, or a
 * new one. From then on this process owns that run.
 *
 * @returns undefined if the run that the user named is complete
 * @throws DasyError RUN_ACTIVE, RUN_ENDED
 */
export async function claim(
  load: Load,
  connection: LoadConnection,
  checked: Preflight,
): Promise<Run | undefined> {
  const ledger =
    load.run === undefined
      ? ((await resumeStopped(load, connection)) ?? (await begin(load, connection, checked)))
      : await claimNamed(load, load.run, connection, checked)
  if (!ledger) return undefined
  load.claimed(ledger)
  return new Run(load, connection, checked, attemptContext(load, connection, checked, ledger))
}

/** @returns undefined if it is complete */
async function claimNamed(
  load: Load,
  run: number,
  connection: LoadConnection,
  checked: Preflight,
): Promise<RunLedger | undefined> {
  const known = load.isFirstTry ? load.task.stored : undefined
  const stored = known ?? (await requireStored(connection.session, run))
  return isPlanned(stored)
    ? ((await takePlan(load, connection, stored)) ?? (await goOn(load, run, connection, checked)))
    : await goOn(load, run, connection, checked, stored)
}

/**
 * Takes over the plan that the user named, which stays as it is until it is applied or planned again.
 * @returns undefined if it is no plan (any more)
 * @throws DasyError RUN_ACTIVE
 */
export async function takePlan(
  { run, before, task }: Pick<Load, 'run' | 'before' | 'task'>,
  { session }: LoadConnection,
  known?: StoredRun,
): Promise<RunLedger | undefined> {
  const stored = known ?? (await requireStored(session, run as number))
  return isPlanned(stored)
    ? await RunLedger.takePlan(session, stored, { before, waitMs: WAIT_MS, isOfQueue: task.isOfQueue })
    : undefined
}

/** Reopens a run; one that was enqueued begins now. @returns undefined if it is complete */
async function goOn(
  load: Load,
  run: number,
  connection: LoadConnection,
  { sources, doubts }: Preflight,
  stored?: StoredRun,
): Promise<RunLedger | undefined> {
  const { session } = connection
  const ledger = await reopenNamed(session, run, reopening(load, connection), stored)
  if (!ledger) return undefined
  // At the first attempt nobody else can have begun since the run was read.
  const now = stored && ledger.isNew ? stored : await requireStored(session, run)
  if (!hasBegun(now)) await ledger.beginQueued(sources.map(recordedAs), doubts)
  return ledger
}

/**
 * Reopens the run that the user named, or that an earlier attempt had.
 * @param known as it was a moment ago
 * @returns undefined if it is complete
 * @throws DasyError RUN_ACTIVE, RUN_ENDED
 */
export async function reopenNamed(
  session: Session,
  run: number,
  reopening: Omit<Reopening, 'waitMs'>,
  known?: StoredRun,
): Promise<RunLedger | undefined> {
  const stored = known ?? (await requireStored(session, run))
  const ledger = await RunLedger.reopen(session, stored, { ...reopening, waitMs: WAIT_MS })
  if (!ledger && (await requireStored(session, run)).outcome !== 'completed') throw ended(run)
  return ledger
}

/** Reopens an earlier run of the same load, unless another process is working on it. */
async function resumeStopped(load: Load, connection: LoadConnection): Promise<RunLedger | undefined> {
  const { session } = connection
  const { events } = load.environment
  const stopped = await discardObsoleteRuns(session, load.task, events.note)
  for (const stored of resumableRuns(stopped, load.task)) {
    const again = { ...reopening(load, connection), waitMs: 0 }
    const ledger = await RunLedger.reopen(session, stored, again).catch(unlessActive)
    if (!ledger) continue
    events.note(`resuming run ${stored.run} (--restart starts a new run)`)
    return ledger
  }
  if (events.hasListener) await noteStagingSize(session, stopped, events.note)
  return undefined
}

function begin(
  { task }: Load,
  { session, pool }: LoadConnection,
  { sources, doubts }: Preflight,
): Promise<RunLedger> {
  const { settings } = task
  return RunLedger.begin(session, {
    command: commandOf(task),
    target: displayName(settings.table),
    key: settings.mapping.key,
    options: optionsOf(task),
    workers: pool.size,
    doubts,
    sources: sources.map(recordedAs),
  })
}

function recordedAs({ source, opening, format }: PreparedSource): NewSource {
  return { source, ...opening, ...format }
}

function reopening({ task, before }: Load, { pool }: LoadConnection): Omit<Reopening, 'waitMs'> {
  return { options: optionsOf(task), workers: pool.size, before, isOfQueue: task.isOfQueue }
}

function unlessActive(error: unknown): undefined {
  if (error instanceof DasyError && error.code === 'RUN_ACTIVE') return undefined
  throw error
}
