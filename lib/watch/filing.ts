import { mkdir, readdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { WatchNews } from '../contract/watch-events.js'
import type { Session } from '../db/session.js'
import type { Alerts } from './alerts/alerts.js'
import { type Ended, lockArrival, type Outcome, recordFiled, setTarget, timesAway } from './arrivals.js'
import { type FileIdentity, identityOf, isSame, shown } from './file.js'
import { hashOf } from './hash.js'
import { move, Replaced, TargetTaken } from './move.js'
import { type FileReceipt, receiptFor, removeBesides, writeBesides } from './receipts.js'
import { DONE, FAILED } from './scanner.js'
import { companionTarget, exists, freeTarget } from './targets.js'

/** How often another file may take the name that was chosen. */
const MOST_NAMES = 100

/** How often a file may be gone when it is to be loaded, and be there again later. */
const MOST_TIMES_AWAY = 3

/** What was found out about an arrival. */
interface Filing {
  readonly outcome: Outcome
  readonly receipt: FileReceipt
  readonly rejects: number
  readonly alerts: Alerts
}

/**
 * Files an arrival whose run has ended, if there was one: moves the file to done/ or failed/ with its receipt and rejects, and tells.
 * Every step may be repeated: a watcher that was killed does them again.
 * @returns what happened; nothing if another watcher files it, or if the folder seems to be unmounted
 * @throws NodeJS.ErrnoException of the file system
 */
export async function fileArrival(session: Session, listed: Ended, alerts: Alerts): Promise<WatchNews[]> {
  // Since it was listed, another watcher, or an attempt whose connection broke, may have moved it.
  const open = await lockArrival(session, listed.arrival)
  if (!open) return []
  const { path, target } = { ...listed, ...open }
  const ended = { ...listed, target }
  const { receipt, rejects } = await receiptFor(session, ended)
  const filing = { outcome: outcomeOf(ended), receipt, rejects, alerts }
  const isThere = await isAt(path, ended)
  // Its folder was not mounted when it was to be loaded: it arrives again.
  if (
    isThere &&
    receipt.error?.code === 'FILE_NOT_FOUND' &&
    (await timesAway(session, ended)) < MOST_TIMES_AWAY
  )
    return await record(session, ended, { ...filing, outcome: 'replaced' }, path)
  if (isThere)
    return ended.stays ? await record(session, ended, filing, path) : await moveAway(session, ended, filing)
  if (target !== null && (await isAt(target, ended))) return await record(session, ended, filing, target)
  if (await seemsUnmounted(path)) return []
  // Somebody has removed it, or put another file there, which arrives by itself.
  return await record(session, ended, { ...filing, outcome: 'replaced' }, path)
}

function outcomeOf({ run, error, is_loaded }: Ended): Outcome {
  if (run === null) return error ? 'failed' : 'same'
  return is_loaded ? 'loaded' : 'failed'
}

/** The file as the run read it, or else as it was claimed. */
function expected({ identity, size, mtime_ns, inode }: Ended): FileIdentity {
  return identity ?? { size: Number(size), mtimeNs: mtime_ns, inode }
}

/** Whether the file of this path is that of the arrival. */
async function isAt(path: string, ended: Ended): Promise<boolean> {
  const identity = await identityAt(path)
  return identity !== undefined && isSame(identity, expected(ended))
}

async function identityAt(path: string): Promise<FileIdentity | undefined> {
  return await stat(path, { bigint: true }).then(identityOf, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
}

/** A folder that is gone, or has nothing in it, may be the place where another one is mounted. */
async function seemsUnmounted(path: string): Promise<boolean> {
  const names = await readdir(dirname(path)).catch(() => [])
  return names.length === 0
}

async function moveAway(session: Session, ended: Ended, filing: Filing): Promise<WatchNews[]> {
  const { arrival, path, companion } = ended
  const folder = join(dirname(path), filing.outcome === 'failed' ? FAILED : DONE)
  await mkdir(folder, { recursive: true })
  let { target } = ended
  for (let names = 1; ; names += 1) {
    if (target === null || names > 1 || dirname(target) !== folder) {
      const free = await freeTarget(path, folder, companion)
      target = (await setTarget(session, arrival, target, free)) ?? null
      if (target === null) return []
    }
    try {
      await writeBesides(session, target, filing)
      return await record(session, ended, filing, target)
    } catch (error) {
      // The next look finds out what is there now.
      if (error instanceof Replaced) return await removeBesides(target)
      if (!(error instanceof TargetTaken) || names === MOST_NAMES) throw error
    }
  }
}

/**
 * Says what has become of a file, and moves it if that is still to be done, while the arrival is locked.
 * @param target where it is then
 * @returns nothing if it is no longer as it was when that was decided: the next look finds out
 */
async function record(
  session: Session,
  ended: Ended,
  { outcome, receipt, rejects, alerts }: Filing,
  target: string,
): Promise<WatchNews[]> {
  const { arrival, path } = ended
  const isMoved = target !== path
  const hash = outcome === 'loaded' ? await contentOf([path, target], ended) : undefined
  return await session.transaction(async () => {
    const open = await lockArrival(session, arrival)
    if (!open || open.target !== (isMoved ? target : ended.target)) return []
    if (isMoved && (await isAt(path, ended))) await move(path, target, () => isAt(target, ended))
    if (isMoved && !(await isAt(target, ended))) return []
    if (isMoved) await moveCompanion(ended, target)
    const ctimeNs = isMoved ? `${(await stat(target, { bigint: true })).ctimeNs}` : undefined
    await recordFiled(session, arrival, { outcome, target, hash, ctimeNs })
    const told = await alerts.afterFiling(session, ended, { outcome, receipt, rejects })
    return [newsOf(ended, outcome, receipt, target), ...told]
  })
}

/** The hash of what was loaded. If the file can no longer be read, nothing is taken for the same. */
async function contentOf(paths: readonly string[], ended: Ended): Promise<string | undefined> {
  if (ended.hash !== null) return ended.hash
  for (const path of paths)
    if (await isAt(path, ended)) {
      const hash = await hashOf(path).catch(() => undefined)
      if (hash !== undefined) return hash
    }
  return undefined
}

/** It goes where its file is. */
async function moveCompanion({ path, companion }: Ended, target: string): Promise<void> {
  if (companion === null) return
  const from = join(dirname(path), companion)
  if (!(await exists(from))) return
  const to = companionTarget(path, target, from)
  const identity = await identityAt(from)
  const isMoved = async (): Promise<boolean> => isDeepStrictEqual(await identityAt(to), identity)
  // Where another one has its new name, it stays.
  await move(from, to, isMoved).catch((error) => {
    if (!(error instanceof TargetTaken)) throw error
  })
}

function newsOf(
  { path, dataset, run, same_as }: Ended,
  outcome: Outcome,
  receipt: FileReceipt,
  to: string,
): WatchNews {
  const [file, target] = [shown(path), shown(to)]
  switch (outcome) {
    case 'loaded':
      return { type: 'file.loaded', data: { file, dataset, run: run as number, target } }
    case 'same':
      return { type: 'file.same', data: { file, dataset, run: same_as, target } }
    case 'failed':
      return { type: 'file.failed', data: { file, dataset, run, target, error: receipt.error ?? null } }
    case 'replaced':
      return { type: 'file.replaced', data: { file, dataset, run } }
  }
}
