import type { Target } from '../catalog/target.js'
import type { Session } from '../db/session.js'
import { ident, statement } from '../db/sql.js'
import { DasyError } from '../errors.js'
import { nearest } from '../nearest.js'
import { displayName, type TableName } from '../table-name.js'
import type { NewAggregate } from './aggregate.js'

/** The column that gives an aggregate its short name. */
const NAME = 'name'

/** What an aggregate's table looks like, wherever it is. */
export type AggregateTable = Pick<NewAggregate, 'name' | 'column' | 'countColumn'>

/** `products` has its aggregate by itself, as soon as there is a name to count by. */
export function productsAggregate(table: string, columns: readonly string[]): AggregateTable | undefined {
  if (table !== 'products' || !columns.includes(NAME)) return undefined
  return { name: 'products_agg', column: NAME, countColumn: 'no_of_products' }
}

/**
 * Names an aggregate: `TABLE_agg` for the column `name`, `TABLE_agg_COLUMN` for another, or as it is asked for.
 * @throws DasyError COLUMN_NOT_FOUND, NAME_TOO_LONG, NAME_TAKEN
 */
export async function planAggregate(
  session: Session,
  target: Target,
  columnName: string,
  into?: TableName,
): Promise<NewAggregate> {
  const column = target.columns.find(({ name }) => name === columnName)
  if (!column) {
    const names = target.columns.map(({ name }) => name)
    const near = nearest(columnName, names)
    throw new DasyError(
      'COLUMN_NOT_FOUND',
      `${target.name} has no column "${columnName}"${near ? `; the nearest is "${near}"` : ''}`,
      { hint: `It has ${names.join(', ')}.`, details: { table: target.name, column: columnName } },
    )
  }
  const schema = into?.schema ?? target.schema
  const name = into?.name ?? (columnName === NAME ? `${target.name}_agg` : `${target.name}_agg_${columnName}`)
  const countColumn = `no_of_${target.name}`
  for (const each of [name, countColumn]) refuseLong(each)
  const relation = ident(schema, name)
  await refuseTaken(session, { schema, name }, target.name, columnName)
  const { attribute, type } = column
  return {
    targetOid: target.oid,
    target: ident(target.schema, target.name),
    attribute,
    column: columnName,
    type,
    relation,
    schema,
    name,
    countColumn,
  }
}

/** @throws DasyError NAME_TAKEN where another relation has the name that an aggregate is to have */
export async function refuseTaken(
  session: Session,
  { schema, name }: TableName,
  table: string,
  column: string,
): Promise<void> {
  const row = await session.row<{ taken: boolean }>(statement('aggregate/is_taken'), [schema ?? null, name])
  if (!row?.taken) return
  throw new DasyError('NAME_TAKEN', `there is a relation ${displayName({ schema, name })} already`, {
    hint: `Name another with "dasy aggregate ${table} ${column} --into NAME", or drop it.`,
    details: { name },
  })
}

function refuseLong(name: string): void {
  if (Buffer.byteLength(name) <= 63) return
  throw new DasyError('NAME_TOO_LONG', `the name "${name}" has more than PostgreSQL's 63 bytes`, {
    hint: 'Choose a shorter one with --into.',
    details: { name },
  })
}
