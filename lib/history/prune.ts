import type { Session } from '../db/session.js'
import { query, statement } from '../db/sql.js'
import { historyDays } from './age.js'
import { changesTable, type SetKind } from './change-set.js'
import { forgetPlaces } from './places.js'

/** Seconds. */
const DAY = 86_400

/** How many changes one transaction deletes. */
const STEP = 10_000

/** What was removed. */
export interface Pruned {
  readonly runs: readonly number[]
  /** The errors of sets that could not be removed, for example because another role owns their tables. */
  readonly failures: readonly unknown[]
}

export interface OldSet {
  readonly run: number
  readonly kind: SetKind
}

/** Change sets that were written at least so long ago. Those of plans are not among them: discarding a plan removes its set. */
export async function listOld(session: Session, seconds: number, run?: number): Promise<OldSet[]> {
  return await session.rows<OldSet>(statement('history/list_old'), [seconds, run ?? null])
}

/** The bytes of these sets; of those that share a table, by their part of its rows. */
export async function sizeOfSets(session: Session, sets: readonly OldSet[]): Promise<number> {
  const row = await session.row<{ bytes: number }>(statement('history/size_of_sets'), [
    sets.map(({ run }) => run),
  ])
  return row?.bytes ?? 0
}

/**
 * The change sets that are too old.
 * @param configured how many days they are kept, as the configuration says it
 */
export function listExpired(session: Session, configured: number | undefined): Promise<OldSet[]> {
  return listOld(session, historyDays(configured) * DAY)
}

export async function pruneExpired(session: Session, configured: number | undefined): Promise<void> {
  await pruneHistory(session, await listExpired(session, configured))
}

/** Removes change sets in small transactions. Several sessions may do it at the same time. */
export async function pruneHistory(session: Session, old: readonly OldSet[]): Promise<Pruned> {
  const runs: number[] = []
  const failures: unknown[] = []
  for (const set of old) {
    try {
      if (await removeChanges(session, set)) runs.push(set.run)
    } catch (error) {
      failures.push(error)
    }
  }
  return { runs, failures }
}

/** Removes the changes of a run, and leaves the fact that it had some. @returns false if another session does it */
async function removeChanges(session: Session, set: OldSet): Promise<boolean> {
  if (set.kind === 'shared') {
    const step = statement('history/delete_step')
    // At the end fewer are left, or another session deletes them too.
    while ((await session.transaction(() => session.run(step, [set.run, STEP]))) === STEP);
  }
  return await session.transaction(async () => {
    const claimed = await session.run(
      query`SELECT FROM dasy.change_sets WHERE run = $1 AND kind = $2 FOR UPDATE SKIP LOCKED`,
      [set.run, set.kind],
    )
    if (claimed === 0) return false
    await dropChanges(session, set)
    await forgetPlaces(session, set.run)
    await session.run(query`UPDATE dasy.change_sets SET kind = 'none', digest = NULL WHERE run = $1`, [
      set.run,
    ])
    return true
  })
}

/**
 * Removes the set of a run if it is only planned, within a transaction.
 * @param keepsPlaces whether the places of its records stay: if it is applied, its sources are not read again
 */
export async function forgetPlan(session: Session, run: number, keepsPlaces = false): Promise<void> {
  const text = query`DELETE FROM dasy.change_sets WHERE run = $1 AND xid IS NULL RETURNING run, kind`
  const planned = await session.row<OldSet>(text, [run])
  if (!planned) return
  await dropChanges(session, planned)
  if (!keepsPlaces) await forgetPlaces(session, run)
}

/** Deletes the changes of a set. */
async function dropChanges(session: Session, { run, kind }: OldSet): Promise<void> {
  if (kind === 'own') await session.run(query`DROP TABLE IF EXISTS ${changesTable({ run, kind })}`)
  if (kind === 'shared') await session.run(query`DELETE FROM dasy.changes WHERE run = $1`, [run])
}
