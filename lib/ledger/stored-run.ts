import { isDeepStrictEqual } from 'node:util'
import { DasyError } from '../base/errors.js'
import { ownHost } from '../base/host.js'
import type { RunStatus } from '../contract/receipt.js'
import { isAlive } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { type Fragment, sql, statement } from '../db/sql.js'
import type { Source } from '../source/source.js'
import { isQueued } from './jobs.js'
import { listSources, type StoredSource } from './sources.js'

/** A run as the ledger stores it for resuming. */
export interface StoredRun {
  readonly run: number
  readonly command: 'ingest' | 'update' | 'plan' | 'undo' | 'purge'
  readonly target: string
  readonly options: object
  readonly workers: number
  readonly state: 'opened' | 'staging' | 'staged' | 'merging' | 'ended'
  readonly outcome: RunStatus | null
  /** The code of the error with which it stopped. */
  readonly error_code: string | null
  /** The host that last worked on it. */
  readonly host: string | null
  /** The process that last worked on it. */
  readonly pid: number | null
  /** When it last changed its state or stopped. */
  readonly touched_at: Date
  /** What detection was not sure of. */
  readonly doubts: readonly string[]
  /** The run that it takes back. */
  readonly undoes: number | null
  readonly sources: readonly StoredSource[]
  /** The bytes of its staging tables; null if it has none. */
  readonly staging_bytes: number | null
  /** Whether a process is working on it. */
  readonly active: boolean
  /** Whether it waits in the queue, or is taken from it. */
  readonly queued: boolean
}

/** Runs that have not ended or that have staging, the newest first. Those of the queue are its own affair. */
export async function listUnfinished(session: Session): Promise<StoredRun[]> {
  const listed = sql`(SELECT run FROM dasy.runs WHERE state <> 'ended' UNION SELECT run FROM staging)`
  const runs = await listRuns(session, listed, sql`NOT ${isQueued()}`, sql`''`)
  if (runs.length === 0) return []
  const numbers = runs.map(({ run }) => run)
  const sources = await listSources(session, numbers)
  return runs.map((each) => ({ ...each, sources: sources.filter(({ run }) => run === each.run) }))
}

export async function findStored(session: Session, run: number): Promise<StoredRun | undefined> {
  const [[found], sources] = await session.together(() => [
    listRuns(session, sql`(SELECT $1::bigint AS run)`, sql`true`, sql`$1::text`, [run]),
    listSources(session, [run]),
  ])
  return found && { ...found, sources }
}

function listRuns(
  session: Session,
  listed: Fragment,
  condition: Fragment,
  first: Fragment,
  values: readonly unknown[] = [],
): Promise<Omit<StoredRun, 'sources'>[]> {
  const parts = { is_alive: isAlive(), is_queued: isQueued(), listed, condition, first }
  return session.planned<Omit<StoredRun, 'sources'>>(statement('ledger/list_stored', parts), values)
}

/** The names of a run's sources. */
export function namesOf({ sources }: StoredRun): string {
  return sources.map(({ name }) => name).join(', ')
}

export function runNotFound(run: number): DasyError {
  return new DasyError('RUN_NOT_FOUND', `run ${run} does not exist`, { hint: '"dasy runs" lists them.' })
}

/** Whether it waits to be applied: no load takes it over or discards it. */
export function isPlanned({ outcome }: StoredRun): boolean {
  return outcome === 'planned'
}

/** Whether it is known how its sources are read. Not so of a run that was enqueued and no worker has begun. */
export function hasBegun({ sources }: StoredRun): boolean {
  return sources.every(({ dialect }) => dialect !== null)
}

/** Whether a user has cancelled it. */
export function isCancelled({ error_code }: StoredRun): boolean {
  return error_code === 'CANCELLED_BY_USER'
}

/** Whether a run that has not ended has the command, sources and settings of this load. */
export function isSameLoad(
  stored: StoredRun,
  command: string,
  options: object,
  sources: readonly Source[],
): boolean {
  return (
    stored.state !== 'ended' &&
    !isPlanned(stored) &&
    stored.command === command &&
    hasSameSources(stored, sources) &&
    // As JSON, which has no undefined.
    isDeepStrictEqual(stored.options, JSON.parse(JSON.stringify(options)))
  )
}

/** Whether a run has these sources, by path or URL. Two pipes are never the same. */
export function hasSameSources({ sources: stored }: StoredRun, sources: readonly Source[]): boolean {
  return (
    stored.length === sources.length &&
    sources.every(
      ({ path }, index) => path !== null && withoutQuery(path) === withoutQuery(stored[index]?.path),
    )
  )
}

/** A URL without its query, because a signature in it changes each time. */
function withoutQuery(path: string | null | undefined): string | undefined {
  return path && /^https?:\/\//i.test(path) ? path.replace(/\?[^#]*/, '') : (path ?? undefined)
}

/**
 * Whether the sources are unchanged since the run began.
 * @param ignoring properties of their identities that are not compared
 */
export function hasSameContent(
  { sources: stored }: StoredRun,
  sources: readonly Source[],
  ignoring: object = {},
): boolean {
  const plain = (identity: object | undefined): unknown =>
    JSON.parse(JSON.stringify({ ...identity, ...ignoring }))
  return sources.every(({ identity }, index) =>
    isDeepStrictEqual(plain(stored[index]?.identity), plain(identity)),
  )
}

/** Whether the process that last worked on a run is dead. False if it ran on another machine, because that is not known. */
export function isDead({ host, pid }: StoredRun): boolean {
  if (host !== ownHost() || pid === null || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
