import type { Receipt } from '../contract/receipt.js'
import { isTransient } from '../db/retry.js'
import { completedReceipt } from '../ledger/history.js'
import { interruptedOr } from './cancellation.js'
import { claim } from './claim.js'
import { LoadConnection } from './connection.js'
import { resumable } from './failure.js'
import { Load, type LoadEnvironment, type LoadTask } from './load.js'
import { preflight } from './preflight.js'

/** Loads the sources, and reports the receipt. */
export async function loadWithRetries(task: LoadTask, environment: LoadEnvironment): Promise<Receipt> {
  const receipt = await tryUntilLoaded(new Load(task, environment))
  environment.events.emit({ type: 'receipt', receipt })
  return receipt
}

/**
 * After a temporary failure (a connection breaks, the server restarts) it resumes the run, as `dasy resume` would, until
 * the time for retries is over.
 */
async function tryUntilLoaded(load: Load): Promise<Receipt> {
  const { signal, events } = load.environment
  for (;;) {
    try {
      return await attempt(load)
    } catch (error) {
      const cause = interruptedOr(error, signal)
      if (load.run === undefined) throw cause
      if (!isTransient(cause) || !load.mayTryAgain()) throw resumable(cause, load.run)
      events.note(`${(cause as Error).message}; trying again`)
    }
  }
}

/**
 * One attempt, from the sources to the receipt:
 *
 *     connect → preflight → claim → stage → judge → publish
 */
async function attempt(load: Load): Promise<Receipt> {
  await using connection = await LoadConnection.open(load)
  const checked = await preflight(load, connection)
  await using run = await claim(load, connection, checked)
  if (!run) return await completedReceipt(connection.session, load.run as number)
  try {
    await run.stage()
    const judged = await run.judge()
    return await run.publish(judged)
  } catch (error) {
    throw await run.stop(error)
  }
}
