import { count } from '../base/count.js'
import { DasyError } from '../base/errors.js'
import { outcomeOptions } from '../contract/settings.js'
import { displayName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { discardRun } from '../ledger/clean-up.js'
import { type Attempt, ended, RunLedger, requireStored } from '../ledger/run-ledger.js'
import {
  isSameContent,
  isSameLoad,
  isSamePlace,
  listUnfinished,
  namesOf,
  type StoredRun,
} from '../ledger/stored-run.js'
import type { LoadTask, Preflight } from './preflight.js'

export interface OpeningOptions {
  readonly task: LoadTask
  readonly outlined: Preflight
  readonly workers: number
  /** The run to go on with, where that is known. */
  readonly run: number | undefined
  /** The attempt of this process that lost its connection, if there was one. */
  readonly before: Attempt | undefined
  readonly note: ((line: string) => void) | undefined
}

/** How long a run that somebody named is waited for: its process may just have died. */
const PATIENCE_MS = 5000

/**
 * The ledger of the run that is to do a task: the one that is named, an earlier one of the same file and options that
 * stopped, or a new one.
 *
 * @returns undefined if the run that is named is complete
 * @throws DasyError RUN_ACTIVE, RUN_ENDED
 */
export async function openLedger(session: Session, options: OpeningOptions): Promise<RunLedger | undefined> {
  const { run } = options
  if (run === undefined) return (await adopt(session, options)) ?? (await begin(session, options))
  const ledger = await reopen(session, await requireStored(session, run), options, PATIENCE_MS)
  if (!ledger && (await requireStored(session, run)).outcome !== 'completed') throw ended(run)
  return ledger
}

/** Goes on with an earlier run of the same task, if nobody is at it. What is in the way of tidying up does no harm. */
async function adopt(session: Session, options: OpeningOptions): Promise<RunLedger | undefined> {
  const { task, note } = options
  const unfinished = await listUnfinished(session)
  const [leftover, stopped] = split(unfinished, ({ state }) => state === 'ended')
  await discardRun(session, leftover)

  const [obsolete, others] = split(stopped, (stored) => isObsolete(stored, task))
  const { done } = await discardRun(session, obsolete)
  for (const stored of done) {
    const { run } = stored
    const changed = `${namesOf(stored)} has changed since run ${run}, which is discarded`
    note?.(task.settings.restart ? `run ${run} is discarded` : changed)
  }
  for (const stored of others.filter((each) => isSameTask(each, task))) {
    const ledger = await reopen(session, stored, options, 0).catch(unlessActive)
    if (!ledger) continue
    note?.(`resuming run ${stored.run} (--restart starts a new run)`)
    return ledger
  }
  if (note) await noteSpace(session, others, note)
  return undefined
}

function reopen(
  session: Session,
  stored: StoredRun,
  { task, workers, before }: OpeningOptions,
  waitMs: number,
): Promise<RunLedger | undefined> {
  return RunLedger.reopen(session, stored, {
    options: outcomeOptions(task.settings),
    workers,
    before,
    waitMs,
  })
}

function begin(session: Session, { task, outlined, workers }: OpeningOptions): Promise<RunLedger> {
  const { command, settings } = task
  return RunLedger.begin(session, {
    command,
    target: displayName(settings.table),
    key: settings.key,
    options: outcomeOptions(settings),
    workers,
    doubts: outlined.doubts,
    sources: outlined.readings.map(({ source, opening, format }) => ({ source, ...opening, ...format })),
  })
}

/** Gives up what stopped of the same file into the same table: this run has done it. */
export async function discardStoppedRuns(session: Session, task: LoadTask, run: number): Promise<void> {
  const unfinished = await listUnfinished(session)
  await discardRun(
    session,
    unfinished.filter((stored) => stored.run !== run && isSameWay(stored, task)),
  )
}

/** Whether a run loaded sources of these names into this table. */
function isSameWay(stored: StoredRun, { sources, settings }: LoadTask): boolean {
  return isSamePlace(stored, sources) && stored.target === displayName(settings.table)
}

/** Nobody could go on with it, or nobody is to. */
function isObsolete(stored: StoredRun, task: LoadTask): boolean {
  const unwanted = task.settings.restart || !isSameContent(stored, task.sources)
  return isSameWay(stored, task) && unwanted
}

function isSameTask(stored: StoredRun, { command, settings, sources }: LoadTask): boolean {
  return isSameLoad(stored, command, outcomeOptions(settings), sources) && isSameContent(stored, sources)
}

function unlessActive(error: unknown): undefined {
  if (error instanceof DasyError && error.code === 'RUN_ACTIVE') return undefined
  throw error
}

/** Staging that nobody comes back for should not fill the disk unnoticed; told once a day, by its first run. */
async function noteSpace(
  session: Session,
  unfinished: readonly StoredRun[],
  note: (line: string) => void,
): Promise<void> {
  const stopped = unfinished.filter(({ active, staging_bytes }) => !active && staging_bytes !== null)
  if (stopped.length === 0) return
  const megabytes = Math.ceil(stopped.reduce((sum, { staging_bytes }) => sum + (staging_bytes ?? 0), 0) / 1e6)
  const runs = stopped.map(({ run }) => run)
  const row = await session.row<{ told: boolean }>(statement('ledger/was_told_today'), [runs])
  if (row?.told) return
  note(
    `stopped runs (${runs.join(', ')}) keep ${count(megabytes)} MB of staging; "dasy runs clean" discards them`,
  )
}

function split<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))]
}
