import { nearest } from '../base/did-you-mean.js'
import { DasyError } from '../base/errors.js'
import type { FoundTable } from '../catalog/target.js'
import type { TableName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { ident } from '../db/sql.js'
import type { NewAggregate } from './aggregate.js'
import { type Claim, countColumnOf, freeName, NAME, nameOf, refuseLong } from './names.js'

/** The name and the columns of an aggregate, in any schema. */
export type AggregateTable = Pick<NewAggregate, 'name' | 'column' | 'countColumn'>

/** A table whose rows are to be counted. */
export interface CountedTable extends FoundTable {
  readonly columns: readonly { readonly name: string }[]
}

/** A table `products` with a column `name` gets an aggregate automatically. */
export function productsAggregate(table: string, columns: readonly string[]): AggregateTable | undefined {
  if (table !== 'products' || !columns.includes(NAME)) return undefined
  return { name: 'products_agg', column: NAME, countColumn: 'no_of_products' }
}

/**
 * Plans an aggregate, named `TABLE_agg` for the column `name`, `TABLE_agg_COLUMN` for another, or `into`.
 * @throws DasyError COLUMN_NOT_FOUND, NAME_TOO_LONG, NAME_TAKEN
 */
export async function planAggregate(
  session: Session,
  target: CountedTable,
  columnName: string,
  into?: TableName,
  note?: Claim['note'],
): Promise<NewAggregate> {
  if (!target.columns.some(({ name }) => name === columnName)) {
    const names = target.columns.map(({ name }) => name)
    const near = nearest(columnName, names)
    throw new DasyError(
      'COLUMN_NOT_FOUND',
      `${target.name} has no column "${columnName}"${near ? `; the nearest is "${near}"` : ''}`,
      { hint: `Its columns are ${names.join(', ')}.`, details: { table: target.name, column: columnName } },
    )
  }
  const schema = into?.schema ?? target.schema
  const name = into?.name ?? nameOf(target.name, columnName)
  refuseLong(name)
  await freeName(session, { schema, name }, { table: target.name, column: columnName, note })
  return {
    targetOid: target.oid,
    target: ident(target.schema, target.name),
    column: columnName,
    relation: ident(schema, name),
    schema,
    name,
    countColumn: countColumnOf(target.name),
  }
}
