import { hostname } from 'node:os'
import { isDeepStrictEqual } from 'node:util'
import { DasyError } from '../base/errors.js'
import type { RunStatus } from '../contract/receipt.js'
import { isAlive } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { number, sql, statement } from '../db/sql.js'
import type { Source } from '../source/source.js'
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
}

/** Runs that have not ended or that have staging, the newest first. */
export async function listUnfinished(session: Session): Promise<StoredRun[]> {
  return await withSources(session, null)
}

export async function findStored(session: Session, run: number): Promise<StoredRun | undefined> {
  return (await withSources(session, run))[0]
}

async function withSources(session: Session, only: number | null): Promise<StoredRun[]> {
  const values = { is_alive: isAlive(), only: only === null ? sql`NULL` : number(only) }
  const runs = await session.planned<Omit<StoredRun, 'sources'>>(statement('ledger/list_unfinished', values))
  if (runs.length === 0) return []
  const numbers = runs.map(({ run }) => run)
  const sources = await listSources(session, numbers)
  return runs.map((each) => ({ ...each, sources: sources.filter(({ run }) => run === each.run) }))
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

/** Whether the sources are unchanged since the run began. */
export function hasSameContent({ sources: stored }: StoredRun, sources: readonly Source[]): boolean {
  return sources.every(({ identity }, index) =>
    isDeepStrictEqual(stored[index]?.identity, JSON.parse(JSON.stringify(identity))),
  )
}

/** Whether the process that last worked on a run is dead. False if it ran on another machine, because that is not known. */
export function isDead({ host, pid }: StoredRun): boolean {
  if (host !== hostname() || pid === null || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
