import { isDeepStrictEqual } from 'node:util'
import { RUN_LOCK_CLASS } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { statement } from '../db/sql.js'
import { DasyError } from '../errors.js'
import type { RunStatus } from '../receipt.js'
import type { FileIdentity, Source } from '../source/source.js'

/** A run as the ledger keeps it for whoever goes on with it, with its one source. */
export interface StoredRun {
  readonly run: number
  readonly command: 'ingest' | 'update'
  readonly target: string
  readonly options: Record<string, unknown>
  readonly workers: number
  readonly state: 'planned' | 'staging' | 'staged' | 'merging' | 'ended'
  readonly outcome: RunStatus | null
  /** Where and as what process it was last worked at. */
  readonly host: string | null
  readonly pid: number | null
  /** When it was last heard of. */
  readonly touched_at: Date
  readonly name: string
  readonly path: string | null
  readonly identity: FileIdentity
  readonly header: Buffer | null
  readonly first_byte: number | null
  readonly first_line: number | null
  /** Bytes that its staging takes in the database. */
  readonly staging_bytes: number | null
  /** Whether somebody is at it. */
  readonly active: boolean
}

/** Runs that have not ended, and those that have but left something in staging, the newest first. */
export async function listUnfinished(session: Session): Promise<StoredRun[]> {
  return session.rows<StoredRun>(statement('ledger/list_unfinished'), [null, RUN_LOCK_CLASS])
}

export async function findStored(session: Session, run: number): Promise<StoredRun | undefined> {
  return session.row<StoredRun>(statement('ledger/list_unfinished'), [run, RUN_LOCK_CLASS])
}

export function runNotFound(run: number): DasyError {
  return new DasyError('RUN_NOT_FOUND', `there is no run ${run}`, { hint: '"dasy runs" lists them.' })
}

/** Whether a run was to load what is to be loaded now: this file, in this way. */
export function isSameLoad(
  stored: StoredRun,
  command: string,
  options: Record<string, unknown>,
  source: Source,
): boolean {
  return (
    stored.state !== 'ended' &&
    stored.command === command &&
    stored.path === source.location.path &&
    // As JSON, because that knows no undefined.
    isDeepStrictEqual(stored.options, JSON.parse(JSON.stringify(options)))
  )
}

/** Whether a source is still what the run read. */
export function isSameContent(stored: StoredRun, source: Source): boolean {
  return isDeepStrictEqual(stored.identity, source.identity)
}
