import { DasyError } from '../base/errors.js'
import { displayName, type TableName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { ident, statement } from '../db/sql.js'
import { aggregatesOf, kinds, remnantsOf } from './aggregate.js'

/** What aggregates are called, and what becomes of others that are called so. */

/** The column that gives an aggregate its short name. */
export const NAME = 'name'

/** PostgreSQL's limit for a name, in bytes. */
const LIMIT = 63

export function nameOf(table: string, column: string): string {
  if (column === NAME) return `${shortened(table, LIMIT - '_agg'.length)}_agg`
  // Like PostgreSQL's names of indexes: the longer of the two gives way.
  let [one, other] = [table, column]
  while (Buffer.byteLength(`${one}_agg_${other}`) > LIMIT) {
    if (Buffer.byteLength(one) >= Buffer.byteLength(other)) one = withoutLast(one)
    else other = withoutLast(other)
  }
  return `${one}_agg_${other}`
}

export function countColumnOf(table: string): string {
  return `no_of_${shortened(table, LIMIT - 'no_of_'.length)}`
}

function shortened(name: string, bytes: number): string {
  let stem = name
  while (Buffer.byteLength(stem) > bytes) stem = withoutLast(stem)
  return stem
}

/** A character less, whatever it takes in memory. */
function withoutLast(text: string): string {
  return [...text].slice(0, -1).join('')
}

/** @throws DasyError NAME_TOO_LONG */
export function refuseLong(name: string): void {
  if (Buffer.byteLength(name) <= LIMIT) return
  throw new DasyError('NAME_TOO_LONG', `the name "${name}" has more than PostgreSQL's ${LIMIT} bytes`, {
    hint: 'Choose a shorter one with --into.',
    details: { name },
  })
}

/** Who wants a name, for messages. */
export interface Claim {
  readonly table: string
  readonly column: string
  /** Told what was done for it. */
  readonly note?: ((line: string) => void) | undefined
}

/** A relation that has a name which is wanted. */
interface Holder {
  readonly schema: string
  readonly aggregate: number | null
  readonly owned: boolean
}

/**
 * Sees to it that a name is free: what is left of an aggregate whose table or column was dropped goes, and that of a
 * table which was renamed since is renamed after it.
 * @throws DasyError NAME_TAKEN where anything else has the name
 */
export async function makeRoom(session: Session, wanted: TableName, claim: Claim): Promise<void> {
  if (await isFreed(session, wanted, claim, [])) return
  const shown = displayName(wanted)
  const { table, column } = claim
  throw new DasyError('NAME_TAKEN', `a relation ${shown} exists already`, {
    hint: `Choose another name with "dasy aggregate ${table} ${column} --into NAME", or drop or rename ${shown}.`,
    details: { name: wanted.name },
  })
}

/** @param wantedBefore by those that would be renamed for it: tables may have taken each other's names */
async function isFreed(
  session: Session,
  wanted: TableName,
  claim: Claim,
  wantedBefore: readonly string[],
): Promise<boolean> {
  const { schema, name } = wanted
  const holder = await session.row<Holder>(statement('aggregate/who_has_name'), [schema ?? null, name])
  if (!holder) return true
  if (holder.aggregate === null || !holder.owned) return false
  const shown = displayName(wanted)
  const remnant = (await remnantsOf(session, null)).find(({ id }) => id === holder.aggregate)
  if (remnant) {
    await kinds[remnant.kind].drop(session, remnant)
    claim.note?.(`${shown} was what is left of an aggregate whose table or column is gone; it was removed`)
    return true
  }
  const other = (await aggregatesOf(session, null)).find(({ id }) => id === holder.aggregate)
  if (!other) return false
  const fitting = nameOf(other.target_name, other.column)
  const before = [...wantedBefore, name]
  if (before.includes(fitting)) return false
  if (!(await isFreed(session, { schema: other.schema, name: fitting }, claim, before))) return false
  const fragments = { relation: ident(other.schema, name), name: ident(fitting) }
  await session.run(statement('aggregate/rename', fragments))
  claim.note?.(`${shown} counts ${other.target_name}, and is called ${fitting} from now on`)
  return true
}
