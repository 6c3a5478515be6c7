import { DasyError } from '../base/errors.js'
import type { Receipt } from '../contract/receipt.js'
import { completedReceipt } from '../ledger/history.js'
import { requireStored } from '../ledger/run-ledger.js'
import { WorkerPool } from '../load/pool.js'
import { notAPlan, stale } from '../plan/stale.js'
import { type RunEnvironment, untilDone } from './attempts.js'
import { takePlan } from './claim.js'
import { LoadConnection } from './connection.js'
import { Load, type LoadTask } from './load.js'
import { PlannedRun } from './planned-run.js'
import { preflight } from './preflight.js'
import { attemptContext } from './run-context.js'

/** Errors of matching the columns: when the run was planned they did match. */
const ALTERED = [
  'COLUMN_AMBIGUOUS',
  'COLUMN_GENERATED',
  'COLUMN_NOT_FOUND',
  'COLUMN_UNKNOWN',
  'KEY_COLUMN_MISSING',
  'KEY_MISMATCH',
  'NOT_A_TABLE',
  'TABLE_NOT_FOUND',
  'TOO_MANY_COLUMNS',
  'TYPE_DIFFERS',
]

/** Applies a planned run, and reports the receipt. */
export async function applyWithRetries(
  task: LoadTask & { readonly run: number },
  environment: RunEnvironment,
): Promise<Receipt> {
  const load = new Load({ ...task, mode: 'apply', again: 'apply' }, environment)
  const receipt = await untilDone(load, () => attempt(load, task.run))
  environment.events.emit({ type: 'receipt', receipt })
  return receipt
}

/** One attempt: connect → claim → preflight → publish. */
async function attempt(load: Load, run: number): Promise<Receipt> {
  await using connection = await LoadConnection.open(load, () => WorkerPool.local())
  await connection.prepareSchema()
  const ledger = await takePlan(load, connection)
  if (!ledger) return await appliedAlready(connection, run)
  load.claimed(ledger)
  try {
    const checked = await preflight(load, connection).catch((error) => {
      const isAltered = error instanceof DasyError && ALTERED.includes(error.code)
      throw isAltered ? stale(run, error.message, {}, error) : error
    })
    await using planned = new PlannedRun(
      load,
      connection,
      checked,
      attemptContext(load, connection, checked, ledger),
    )
    try {
      return await planned.apply()
    } catch (error) {
      throw await planned.stop(error)
    }
  } finally {
    await ledger.close().catch(() => {})
  }
}

async function appliedAlready({ session }: LoadConnection, run: number): Promise<Receipt> {
  const { outcome } = await requireStored(session, run)
  if (outcome === 'completed') return await completedReceipt(session, run)
  throw notAPlan(run, `it is ${outcome ?? 'interrupted'}`, `See the run: dasy runs ${run}`)
}
