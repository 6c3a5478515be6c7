import { DasyError } from '../base/errors.js'
import type { Target } from '../catalog/target.js'
import type { Session } from '../db/session.js'
import { aggregatesOf, kinds, type Prepared } from './aggregate.js'
import { requireLive } from './distinction.js'
import type { Claim } from './names.js'
import { planAggregate, productsAggregate } from './plan.js'

/**
 * Gives `products` its aggregate, where it has none yet and can have one: nobody asked for it, so what is against it is
 * only said.
 * @returns its name, if it was made
 */
export async function addProductsAggregate(
  session: Session,
  target: Target,
  note: Claim['note'],
  prepared?: Prepared,
): Promise<string | undefined> {
  const wanted = productsAggregate(
    target.name,
    target.columns.map(({ name }) => name),
  )
  if (!wanted || !target.owned) return undefined
  if ((await aggregatesOf(session, target.oid)).some(({ column }) => column === wanted.column))
    return undefined
  try {
    await requireLive(session, target.oid, wanted.column, target)
    const planned = await planAggregate(session, target, wanted.column, undefined, note)
    await kinds.live.create(session, planned, prepared)
    return planned.name
  } catch (error) {
    if (!(error instanceof DasyError && IMPOSSIBLE.includes(error.code))) throw error
    note?.(`${error.message}; ${target.name} gets none`)
    return undefined
  }
}

/** Found before anything is made. */
const IMPOSSIBLE = ['AGGREGATE_NOT_LIVE', 'AGGREGATE_NOT_POSSIBLE']
