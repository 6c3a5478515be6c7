import type { Receipt } from '../contract/receipt.js'
import { completedReceipt } from '../ledger/history.js'
import { type RunEnvironment, untilDone } from './attempts.js'
import { claim } from './claim.js'
import { LoadConnection, poolFor } from './connection.js'
import { Load, type LoadTask } from './load.js'
import { preflight, report } from './preflight.js'
import type { PreparedLoad } from './prepared-load.js'

/**
 * Loads the sources, and reports the receipt.
 * @param prepared what the first attempt begins with, if it was done in advance; whoever did it closes it at the end
 */
export async function loadWithRetries(
  task: LoadTask,
  environment: RunEnvironment,
  prepared?: PreparedLoad,
): Promise<Receipt> {
  const load = new Load(task, environment)
  const receipt = await untilDone(load, () => attempt(load, prepared))
  environment.events.emit({ type: 'receipt', receipt })
  return receipt
}

/**
 * One attempt, from the sources to the receipt:
 *
 *     connect → preflight → claim → stage → judge → publish (or plan)
 */
async function attempt(load: Load, prepared: PreparedLoad | undefined): Promise<Receipt> {
  const { settings, sources } = load.task
  const ready = load.isFirstTry ? prepared : undefined
  await using connection =
    ready?.connection ?? (await LoadConnection.open(load, () => poolFor(settings.tuning, sources)))
  const checked = ready?.checked ?? (await preflight(load, connection))
  load.prepared = checked.sources
  if (load.isFirstTry) report(checked, load)
  await using run = await claim(load, connection, checked)
  if (!run) return await completedReceipt(connection.session, load.run as number)
  try {
    await run.stage()
    const judged = await run.judge()
    return load.task.mode === 'plan' ? await run.plan(judged) : await run.publish(judged)
  } catch (error) {
    throw await run.stop(error)
  }
}
