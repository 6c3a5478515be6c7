import type { DasyEvent, PlanDetails } from '../contract/events.js'
import type { PlanReceipt, Receipt } from '../contract/receipt.js'
import type { Arguments } from './command.js'
import { printJson } from './json.js'
import { type CliOptions, withProgress } from './run-load.js'

/** What plan, apply and resume have in common: they print a plan if the run is planned, else a receipt. */
export async function runPlanned(
  argv: Arguments,
  work: (options: CliOptions) => Promise<Receipt | PlanReceipt>,
): Promise<{ readonly changesSomething: boolean }> {
  let plan: PlanDetails | undefined
  const load = withProgress(argv, (options) => {
    const onEvent = (event: DasyEvent): void => {
      if (event.type === 'planned') plan = event
      options.onEvent?.(event)
    }
    return work({ ...options, onEvent })
  })
  // A plan may be refused after it has found what there is to show.
  const receipt = await load.catch(async (error) => {
    if (plan && !argv.json && !argv.quiet) process.stdout.write(await rendered(plan.receipt, plan))
    throw error
  })
  if (argv.json) printJson(receipt)
  else if (!argv.quiet) process.stdout.write(await rendered(receipt, plan))
  const { inserted, updated, deleted } = receipt.rows
  return { changesSomething: inserted + updated + deleted > 0 || plan?.makes === true }
}

async function rendered(receipt: Receipt, plan: PlanDetails | undefined): Promise<string> {
  if (!plan) {
    const { renderReceipt } = await import('./receipt.js')
    return renderReceipt(receipt)
  }
  const { renderPlan } = await import('./diff/plan.js')
  return renderPlan(plan)
}
