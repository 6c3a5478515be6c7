import { count } from '../base/count.js'
import type { Note } from '../contract/events.js'
import type { Seconds } from '../contract/receipt.js'
import { displayName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { listExpired, pruneHistory } from '../history/prune.js'
import { discardRun } from '../ledger/clean-up.js'
import {
  hasSameContent,
  hasSameSources,
  isPlanned,
  isSameLoad,
  listUnfinished,
  namesOf,
  type StoredRun,
} from '../ledger/stored-run.js'
import { commandOf, type LoadTask, optionsOf } from './load.js'
import type { AttemptContext } from './run-context.js'

/**
 * Removes what ended runs left behind, and discards the stopped runs of this load if their sources have changed or the
 * user asked for a restart.
 * @returns the other runs that stopped
 */
export async function discardObsoleteRuns(
  session: Session,
  task: LoadTask,
  note: Note,
): Promise<StoredRun[]> {
  const { restart } = task.settings.tuning
  const [leftover, stopped] = split(await listUnfinished(session), ({ state }) => state === 'ended')
  await discardRun(session, leftover)
  const [obsolete, others] = split(
    stopped,
    (stored) => isSameTarget(stored, task) && (restart || !hasSameContent(stored, task.sources)),
  )
  const { done } = await discardRun(session, obsolete)
  for (const stored of done) {
    const { run } = stored
    note(
      restart
        ? `run ${run} is discarded`
        : `${namesOf(stored)} has changed since run ${run}, which is discarded`,
    )
  }
  return others
}

/** The stopped runs that this load can resume: those with the same command, sources and settings. */
export function resumableRuns(stopped: readonly StoredRun[], task: LoadTask): StoredRun[] {
  const { sources } = task
  const [command, options] = [commandOf(task), optionsOf(task)]
  return stopped.filter(
    (stored) => isSameLoad(stored, command, options, sources) && hasSameContent(stored, sources),
  )
}

/**
 * After the commit of a run: removes its staging, and what else is of no use any more. Those are the stopped runs that loaded the same
 * sources into the same table (a completed run replaces them), what ended runs left behind, and change sets that are too old. The rows
 * are visible, so an error must not be reported as a failure. The next run removes what is left.
 */
export async function cleanUp(
  { session, run, ledger, settings }: Pick<AttemptContext, 'session' | 'run' | 'ledger' | 'settings'>,
  task: LoadTask,
  seconds: Seconds,
): Promise<void> {
  const [, unfinished, old] = await session.together(() => [
    ledger.clean(seconds).catch(() => {}),
    listUnfinished(session).catch(() => []),
    listExpired(session, settings.tuning.historyDays).catch(() => []),
  ])
  const isObsolete = (stored: StoredRun): boolean =>
    stored.run !== run && (stored.state === 'ended' || isSameTarget(stored, task))
  await discardRun(session, unfinished.filter(isObsolete)).catch(() => {})
  await pruneHistory(session, old).catch(() => {})
}

/** Whether a run loads the same sources into the same table, and is no plan. */
function isSameTarget(stored: StoredRun, { sources, settings }: LoadTask): boolean {
  return (
    !isPlanned(stored) && hasSameSources(stored, sources) && stored.target === displayName(settings.table)
  )
}

/** Notes how much disk the staging of stopped runs takes, once a day. */
export async function noteStagingSize(
  session: Session,
  unfinished: readonly StoredRun[],
  note: Note,
): Promise<void> {
  const stopped = unfinished.filter(({ active, staging_bytes }) => !active && staging_bytes !== null)
  if (stopped.length === 0) return
  const megabytes = Math.ceil(stopped.reduce((sum, { staging_bytes }) => sum + (staging_bytes ?? 0), 0) / 1e6)
  const runs = stopped.map(({ run }) => run)
  const what = stopped.some(isPlanned) ? 'runs that stopped or are planned' : 'stopped runs'
  const row = await session.row<{ noted: boolean }>(statement('run/was_noted_today'), [runs])
  if (row?.noted) return
  note(`${what} (${runs.join(', ')}) keep ${count(megabytes)} MB of staging; "dasy runs clean" discards them`)
}

function split<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))]
}
