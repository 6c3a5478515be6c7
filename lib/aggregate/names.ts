import type { Session } from '../db/session.js'
import { ident, statement } from '../db/sql.js'
import { DasyError } from '../errors.js'
import { displayName, type TableName } from '../table-name.js'
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

/**
 * Sees to it that a name is free: what is left of an aggregate whose table or column was dropped goes, and that of a
 * table which was renamed since is renamed after it.
 * @throws DasyError NAME_TAKEN where anything else has the name
 */
export async function makeRoom(
  session: Session,
  { schema, name }: TableName,
  { table, column, note }: Claim,
): Promise<void> {
  const found = await session.row<{ schema: string; aggregate: number | null; owned: boolean }>(
    statement('aggregate/who_has_name'),
    [schema ?? null, name],
  )
  if (!found) return
  const shown = displayName({ schema, name })
  if (found.aggregate !== null && found.owned) {
    const remnant = (await remnantsOf(session, null)).find(({ id }) => id === found.aggregate)
    if (remnant) {
      await kinds[remnant.kind].drop(session, remnant)
      note?.(`${shown} was removed: the table or column that it counted no longer exists`)
      return
    }
    const other = (await aggregatesOf(session, null)).find(({ id }) => id === found.aggregate)
    const fitting = other && nameOf(other.target_name, other.column)
    if (
      other &&
      fitting &&
      fitting !== name &&
      !(await isTaken(session, { schema: other.schema, name: fitting }))
    ) {
      await session.run(
        statement('aggregate/rename', {
          relation: ident(other.schema, name),
          name: ident(fitting),
        }),
      )
      note?.(`${shown} counts ${other.target_name}, and was renamed to ${fitting}`)
      return
    }
  }
  throw new DasyError('NAME_TAKEN', `a relation ${shown} exists already`, {
    hint: `Choose another name with "dasy aggregate ${table} ${column} --into NAME", or drop or rename ${shown}.`,
    details: { name },
  })
}

async function isTaken(session: Session, { schema, name }: TableName): Promise<boolean> {
  return (await session.row(statement('aggregate/who_has_name'), [schema ?? null, name])) !== undefined
}
