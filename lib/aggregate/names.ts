import { DasyError } from '../base/errors.js'
import { displayName, type TableName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { ident, query, statement } from '../db/sql.js'
import { allAggregates } from './aggregate.js'
import { kinds } from './kinds.js'

/** The names of aggregates, and conflicts between them. */

/** An aggregate of this column has a short name: TABLE_agg. */
export const NAME = 'name'

/** PostgreSQL's limit for identifiers. */
const LIMIT_BYTES = 63

export function nameOf(table: string, column: string): string {
  if (column === NAME) return `${shortened(table, LIMIT_BYTES - '_agg'.length)}_agg`
  // As PostgreSQL names indexes: the longer of the two names is shortened.
  let [one, other] = [table, column]
  while (Buffer.byteLength(`${one}_agg_${other}`) > LIMIT_BYTES) {
    if (Buffer.byteLength(one) >= Buffer.byteLength(other)) one = withoutLast(one)
    else other = withoutLast(other)
  }
  return `${one}_agg_${other}`
}

export function countColumnOf(table: string): string {
  return `no_of_${shortened(table, LIMIT_BYTES - 'no_of_'.length)}`
}

function shortened(name: string, bytes: number): string {
  let stem = name
  while (Buffer.byteLength(stem) > bytes) stem = withoutLast(stem)
  return stem
}

/** Without the last character, which may be several UTF-16 units. */
function withoutLast(text: string): string {
  return [...text].slice(0, -1).join('')
}

/** @throws DasyError NAME_TOO_LONG */
export function refuseLong(name: string): void {
  if (Buffer.byteLength(name) <= LIMIT_BYTES) return
  throw new DasyError(
    'NAME_TOO_LONG',
    `the name "${name}" is longer than PostgreSQL's limit of ${LIMIT_BYTES} bytes`,
    {
      hint: 'Choose a shorter name with --into.',
      details: { name },
    },
  )
}

/** The aggregate that needs a name, for messages. */
export interface Claim {
  readonly table: string
  readonly column: string
  /** Told what was renamed or removed for it. */
  readonly note?: ((line: string) => void) | undefined
}

/** The relation that has a name. */
interface Holder {
  readonly schema: string
  readonly aggregate: number | null
  readonly owned: boolean
}

/**
 * Frees a name: removes the remnant of an aggregate whose table or column was dropped, and renames an aggregate whose table
 * was renamed.
 * @throws DasyError NAME_TAKEN if any other relation has the name
 */
export async function freeName(session: Session, wanted: TableName, claim: Claim): Promise<void> {
  if (await tryToFree(session, wanted, claim, [])) return
  const shown = displayName(wanted)
  const { table, column } = claim
  throw new DasyError('NAME_TAKEN', `a relation named ${shown} exists already`, {
    hint: `Choose another name with "dasy aggregate ${table} ${column} --into NAME", or drop or rename ${shown}.`,
    details: { name: wanted.name },
  })
}

/**
 * @param wantedBefore the names in this chain of renames: tables may have exchanged their names
 * @returns whether the name is free now
 */
async function tryToFree(
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
  const { whole, remnants } = await allAggregates(session)
  const remnant = remnants.find(({ id }) => id === holder.aggregate)
  if (remnant) {
    await kinds[remnant.kind].drop(session, remnant)
    claim.note?.(`${shown} was removed: the table or column of this aggregate was dropped`)
    return true
  }
  const other = whole.find(({ id }) => id === holder.aggregate)
  if (!other) return false
  const fitting = nameOf(other.target_name, other.column)
  const before = [...wantedBefore, name]
  if (before.includes(fitting)) return false
  if (!(await tryToFree(session, { schema: other.schema, name: fitting }, claim, before))) return false
  // ALTER TABLE renames views too.
  await session.run(query`ALTER TABLE ${ident(other.schema, name)} RENAME TO ${ident(fitting)}`)
  claim.note?.(`${shown} was renamed to ${fitting}, because it counts ${other.target_name}`)
  return true
}
