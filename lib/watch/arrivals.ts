import type { RunError } from '../contract/receipt.js'
import { isAlive } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { query, statement } from '../db/sql.js'
import type { FileIdentity, FoundFile } from './file.js'

/** The files that have arrived, in the ledger. */

/** The last file that was loaded, or is to be loaded, for a dataset. */
export interface LastContent {
  readonly arrival: number
  readonly size: number
  /** Null if it is not known (yet). */
  readonly hash: string | null
  readonly run: number
  readonly place: string
  readonly path: string
  readonly target: string | null
  readonly is_loaded: boolean | null
  /** Whether it is not filed yet. */
  readonly is_open: boolean
}

export async function lastContent(session: Session, dataset: string): Promise<LastContent | undefined> {
  return await session.row<LastContent>(statement('watch/last_content'), [dataset])
}

/** An earlier arrival of a file that stayed where it is, or of its path. */
export interface Known {
  readonly size: number
  readonly hash: string | null
  readonly is_same_file: boolean
}

export async function findKnown(
  session: Session,
  { place, path, identity }: FoundFile,
): Promise<Known | undefined> {
  const { size, mtimeNs, inode } = identity
  return await session.row<Known>(statement('watch/known'), [place, path, size, mtimeNs, inode])
}

/** What a new arrival is, besides the file. */
export interface Arriving {
  readonly hash: string | undefined
  /** The run that loaded the same content. */
  readonly sameAs: number | undefined
  readonly error: RunError | undefined
  readonly stays: boolean
}

/** @returns the number of the arrival; undefined if another watcher has the file */
export async function insertArrival(
  session: Session,
  { dataset, place, path, companion, identity }: FoundFile,
  { hash, sameAs, error, stays }: Arriving,
): Promise<number | undefined> {
  const { size, mtimeNs, inode } = identity
  const row = await session.row<{ arrival: number }>(statement('watch/claim'), [
    ...[dataset.name, place, path, companion, size, mtimeNs, inode],
    ...[hash ?? null, sameAs ?? null, error ? JSON.stringify(error) : null, stays],
  ])
  return row?.arrival
}

export async function setRun(session: Session, arrival: number, run: number): Promise<void> {
  await session.run(query`UPDATE dasy.arrivals SET run = $2 WHERE arrival = $1`, [arrival, run])
}

/** An arrival that can be filed. */
export interface Ended {
  readonly arrival: number
  readonly dataset: string
  readonly place: string
  readonly path: string
  readonly companion: string | null
  readonly size: number
  readonly mtime_ns: string
  readonly inode: string
  readonly hash: string | null
  readonly run: number | null
  readonly same_as: number | null
  readonly error: RunError | null
  readonly stays: boolean
  /** Where it is being moved. */
  readonly target: string | null
  readonly is_loaded: boolean | null
  /** Of the file as the run read it. */
  readonly identity: FileIdentity | null
}

/** @param run only its file */
export async function listEnded(session: Session, places: readonly string[], run?: number): Promise<Ended[]> {
  const text = statement('watch/ended', { is_alive: isAlive() })
  return await session.rows<Ended>(text, [places, run ?? null])
}

/** The files that stay where they are, each as it was when it was last loaded. */
export async function listKept(
  session: Session,
  places: readonly string[],
): Promise<Pick<Ended, 'path' | 'size' | 'mtime_ns' | 'inode'>[]> {
  return await session.rows(statement('watch/list_kept'), [places])
}

/** The paths of the files that are claimed and not filed yet. */
export async function listOpen(session: Session, places: readonly string[]): Promise<string[]> {
  const text = query`SELECT path FROM dasy.arrivals WHERE filed_at IS NULL AND place = ANY ($1)`
  return (await session.rows<{ path: string }>(text, [places])).map(({ path }) => path)
}

/**
 * Records where a file is about to be moved, before it is: after a kill it is known where it may be.
 * @returns where: another watcher may have been faster; undefined if it is filed
 */
export async function setTarget(
  session: Session,
  arrival: number,
  before: string | null,
  target: string,
): Promise<string | undefined> {
  const row = await session.row<{ target: string }>(
    query`UPDATE dasy.arrivals SET target = CASE WHEN target IS NOT DISTINCT FROM $2 THEN $3 ELSE target END
           WHERE arrival = $1 AND filed_at IS NULL RETURNING target`,
    [arrival, before, target],
  )
  return row?.target
}

/** Until the end of the transaction, if there is one, nobody else files it. @returns undefined if somebody does, or has */
export async function lockArrival(
  session: Session,
  arrival: number,
): Promise<Pick<Ended, 'target'> | undefined> {
  const text = query`SELECT target FROM dasy.arrivals WHERE arrival = $1 AND filed_at IS NULL FOR UPDATE SKIP LOCKED`
  return await session.row<Pick<Ended, 'target'>>(text, [arrival])
}

/** How often this very file was already claimed again because it was gone when it was to be loaded. */
export async function timesAway(session: Session, ended: Ended): Promise<number> {
  const { place, path, size, mtime_ns, inode } = ended
  const row = await session.row<{ times: number }>(
    query`SELECT count(*) AS times FROM dasy.arrivals WHERE place = $1 AND path = $2 AND size = $3 AND mtime_ns = $4
             AND inode = $5 AND outcome = 'replaced'`,
    [place, path, size, mtime_ns, inode],
  )
  return row?.times ?? 0
}

export type Outcome = 'loaded' | 'same' | 'failed' | 'replaced'

/** What has become of a file. */
export interface FiledAs {
  readonly outcome: Outcome
  /** Where it is. */
  readonly target: string
  readonly hash: string | undefined
  /** The time of its last change of name, if it was moved. */
  readonly ctimeNs: string | undefined
}

export async function recordFiled(session: Session, arrival: number, filed: FiledAs): Promise<void> {
  const { outcome, target, hash, ctimeNs } = filed
  await session.run(statement('watch/file'), [arrival, outcome, target, hash ?? null, ctimeNs ?? null])
}
