import type { DasyEvent, PlanDetails } from '../contract/events.js'
import type { PlanReceipt, Receipt } from '../contract/receipt.js'
import type { Arguments } from './command.js'
import { printJson } from './json.js'
import { type CliOptions, withProgress } from './run-load.js'

/** What plan, apply and resume have in common: they print a plan if the run is planned, else a receipt. */
export async function runPlanned(
  argv: Arguments,
  load: (options: CliOptions) => Promise<Receipt | PlanReceipt>,
): Promise<{ readonly changesSomething: boolean }> {
  let details: PlanDetails = { makes: false, movements: [], rejects: [] }
  const receipt = await withProgress(argv, (options) => {
    const onEvent = (event: DasyEvent): void => {
      if (event.type === 'planned') details = event
      options.onEvent?.(event)
    }
    return load({ ...options, onEvent })
  })
  if (argv.json) printJson(receipt)
  else if (!argv.quiet) process.stdout.write(await rendered(receipt, details))
  const { inserted, updated, deleted } = receipt.rows
  return { changesSomething: inserted + updated + deleted > 0 || details.makes }
}

async function rendered(receipt: Receipt | PlanReceipt, details: PlanDetails): Promise<string> {
  if (!('sample' in receipt)) {
    const { renderReceipt } = await import('./receipt.js')
    return renderReceipt(receipt)
  }
  const { renderPlan } = await import('./diff/plan.js')
  return renderPlan(receipt, details)
}
