import { DasyError } from '../base/errors.js'
import type { Session } from '../db/session.js'
import { type Aggregate, aggregatesOf, type Prepared } from './aggregate.js'
import { requireLive } from './distinction.js'
import { kinds } from './kinds.js'
import type { Claim } from './names.js'
import { type AggregateTable, type CountedTable, planAggregate, productsAggregate } from './plan.js'

/**
 * Creates the aggregate of `products`, if it does not exist and is possible.
 * @param known aggregates that the table has, if some are known
 * @returns its name if it was created
 */
export async function addProductsAggregate(
  session: Session,
  target: CountedTable,
  note: Claim['note'],
  known: readonly Aggregate[] = [],
): Promise<string | undefined> {
  const wanted = wantedFor(target)
  if (!wanted) return undefined
  const isIt = ({ column }: Aggregate): boolean => column === wanted.column
  if (known.some(isIt) || (await aggregatesOf(session, target.oid)).some(isIt)) return undefined
  return await createProductsAggregate(session, target, note)
}

/**
 * Creates the aggregate of a table `products` that has none, if it is possible. Nobody asked for it, so if it is not possible
 * that is a note, not an error.
 * @param how id: the number of the one that it replaces; prepared: its groups, if they were counted before
 * @returns its name if it was created
 */
export async function createProductsAggregate(
  session: Session,
  target: CountedTable,
  note: Claim['note'],
  { id, prepared }: { readonly id?: number | undefined; readonly prepared?: Prepared | undefined } = {},
): Promise<string | undefined> {
  const wanted = wantedFor(target)
  if (!wanted) return undefined
  try {
    await requireLive(session, target.oid, wanted.column, target)
    const planned = await planAggregate(session, target, wanted.column, undefined, note)
    await kinds.live.create(session, { ...planned, id }, prepared)
    return planned.name
  } catch (error) {
    if (!(error instanceof DasyError && IMPOSSIBLE.includes(error.code))) throw error
    note?.(`${error.message}; dasy creates none`)
    return undefined
  }
}

function wantedFor({ name, columns, owned }: CountedTable): AggregateTable | undefined {
  return owned
    ? productsAggregate(
        name,
        columns.map((column) => column.name),
      )
    : undefined
}

/** Errors that are found before anything is created. */
const IMPOSSIBLE = ['AGGREGATE_NOT_LIVE', 'AGGREGATE_NOT_POSSIBLE']
