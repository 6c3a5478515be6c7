import type { Receipt } from '../contract/receipt.js'
import { completedReceipt } from '../ledger/history.js'
import { type RunEnvironment, untilDone } from './attempts.js'
import { claim } from './claim.js'
import { LoadConnection, poolFor } from './connection.js'
import { Load, type LoadTask } from './load.js'
import { preflight } from './preflight.js'

/** Loads the sources, and reports the receipt. */
export async function loadWithRetries(task: LoadTask, environment: RunEnvironment): Promise<Receipt> {
  const load = new Load(task, environment)
  const receipt = await untilDone(load, () => attempt(load))
  environment.events.emit({ type: 'receipt', receipt })
  return receipt
}

/**
 * One attempt, from the sources to the receipt:
 *
 *     connect → preflight → claim → stage → judge → publish (or plan)
 */
async function attempt(load: Load): Promise<Receipt> {
  const { settings, sources } = load.task
  await using connection = await LoadConnection.open(load, () => poolFor(settings.tuning, sources))
  const checked = await preflight(load, connection)
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
