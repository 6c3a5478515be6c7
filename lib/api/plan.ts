import { requireKnownOptions } from '../contract/known-options.js'
import type { PlanOptions } from '../contract/options.js'
import type { PlanReceipt } from '../contract/receipt.js'
import { load } from './load.js'

/**
 * Does everything that `ingest` does (with `update`: that `update` does) except publishing. The run is then planned: `changes`
 * reads what it would change, `apply` publishes just that.
 * @returns the receipt that the run will have if the table does not change, with the first changes of each kind
 * @throws DasyError as `ingest` does
 */
export async function plan(
  sources: string | readonly string[],
  options: PlanOptions = {},
): Promise<PlanReceipt> {
  requireKnownOptions('plan', options)
  const { update, ...others } = options
  const receipt = await load({ command: update ? 'update' : 'ingest', mode: 'plan' }, sources, others)
  return receipt as PlanReceipt
}
