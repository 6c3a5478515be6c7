import { withoutLoops } from '../db/join-plans.js'
import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, ident, list, query, sql, statement } from '../db/sql.js'
import { duplicateKeysTable, stagingTable } from '../ledger/staging.js'
import type { Column } from '../mapping/columns.js'
import type { RunContext } from './context.js'
import { rejectBadKeys, texts, unusable } from './key-check.js'

/** The approximate size of a key in a hash table of the server. */
const BYTES_PER_KEY = 100

/**
 * The database compares the keys of all records: first it lists those that several records have, with the record that
 * wins, then the other records with such a key. Rejects records without a usable key.
 * @param losers the table to fill
 * @param records how many are staged
 * @returns how many records lose to another one with the same key
 */
export async function compareKeys(
  context: RunContext,
  key: readonly Column[],
  losers: Fragment,
  records: number,
): Promise<number> {
  const { run, settings, tuning } = context
  const values = key.map(({ value }) => value)
  const names = key.map((_, index) => keyName(index))
  const areTexts = key.every(({ stored, kind }) => stored.text && kind !== 'row')
  const fragments = {
    duplicate_keys: duplicateKeysTable(run),
    staging: stagingTable(run),
    losers,
    keys: list(values),
    named_keys: namedKeys(key),
    same_key: list(
      values.map((value, index) => sql`r.${names[index] as Fragment} = ${value}`),
      ' AND ',
    ),
    winner: fromCatalog(settings.policy.duplicates === 'last' ? 'max' : 'min'),
    hash: hashOf(key, areTexts),
    // Keys of other types were checked when their values were cast.
    unusable: areTexts ? unusable(texts(key)) : sql`false`,
  }
  await context.session.run(statement('judge/create_duplicate_keys', fragments))
  await inShares(context, keyShares(context, records), async (session, share) => {
    await tuning.applyForHashing(session)
    return session.run(statement('judge/find_duplicate_keys', fragments), share)
  })
  if (areTexts) await rejectUnusable(context, key, names)
  return await inShares(context, sessionsOf(context), async (session, share) => {
    await tuning.applyAlone(session)
    return withoutLoops(session, () => session.run(statement('judge/find_losers', fragments), share))
  })
}

/** The name of a part of the key in tables of keys. */
export function keyName(index: number): Fragment {
  return ident(`k${index + 1}`)
}

/** The values of the key of a staged record `s`, with these names. */
export function namedKeys(key: readonly Column[]): Fragment {
  return list(key.map(({ value }, index) => sql`${value} AS ${keyName(index)}`))
}

/** Keys that are equal for their types have the same hash: 1.0 and 1.00. */
function hashOf(key: readonly Column[], areTexts: boolean): Fragment {
  const values = key.map(({ value }) => value)
  if (areTexts) {
    return list(
      values.map((value) => sql`hashtext(CAST(${value} AS text))`),
      ' # ',
    )
  }
  // Keys of types without a hash function are all in one share, and the other shares are empty.
  return key.every(({ stored }) => stored.hashable) ? sql`hash_record(ROW(${list(values)}))` : sql`0`
}

/**
 * How many shares the keys are divided into: one for each session, and more if the hash table of a share would not fit
 * in memory. A power of two, because the lowest bits of the hash select the share.
 */
function keyShares(context: RunContext, records: number): number {
  let shares = sessionsOf(context)
  while (records / shares > context.tuning.rowsInMemory(BYTES_PER_KEY)) shares *= 2
  return shares
}

function sessionsOf({ second }: RunContext): number {
  return second.session ? 2 : 1
}

/**
 * Two sessions work at the same time, in a transaction for each share; each takes the next one when it is done with one.
 * @param write is given the session and the share: a mask, and what the masked bits must be. Returns how many rows it wrote
 * @returns how many rows were written
 */
async function inShares(
  { session, second }: RunContext,
  shares: number,
  write: (session: Session, share: readonly [number, number]) => Promise<number>,
): Promise<number> {
  const waiting = Array.from({ length: shares }, (_, share) => share)
  let written = 0
  const work = async (each: Session): Promise<void> => {
    for (let share = waiting.shift(); share !== undefined; share = waiting.shift()) {
      const taken = [shares - 1, share] as const
      const rows = await each.transaction(() => write(each, taken))
      written += rows
    }
  }
  await Promise.all([work(session), second.session?.then((each) => each && work(each))])
  return written
}

/** Rejects the records without a usable key, if there are any; such keys are listed even if only one record has them. */
async function rejectUnusable(
  context: RunContext,
  key: readonly Column[],
  names: readonly Fragment[],
): Promise<void> {
  const { session, run } = context
  const fields = key.flatMap(({ kind }, index) =>
    kind === 'field' ? [sql`r.${names[index] as Fragment}`] : [],
  )
  const isUnusable = unusable(fields)
  const table = duplicateKeysTable(run)
  const row = await session.row<{ exist: boolean }>(
    query`SELECT EXISTS (SELECT FROM ${table} AS r WHERE ${isUnusable}) AS exist`,
  )
  if (!row?.exist) return
  await rejectBadKeys(context, key)
  await session.run(query`DELETE FROM ${table} AS r WHERE ${isUnusable}`)
}
