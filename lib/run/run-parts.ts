import type { Progress } from '../contract/events.js'
import type { LoadOptions } from '../contract/options.js'
import type { Database } from '../db/database.js'
import type { Session } from '../db/session.js'
import type { RunLedger } from '../ledger/run-ledger.js'
import type { WorkerPool } from '../load/pool.js'
import type { PhaseTimer } from './phase-timer.js'
import type { LoadTask, Preflight } from './preflight.js'

/** What a run works with. */
export interface RunParts extends LoadTask, Preflight {
  readonly database: Database
  readonly session: Session
  readonly pool: WorkerPool
  readonly ledger: RunLedger
  readonly watch: PhaseTimer
  readonly progress: Progress
  /** Told, a line each, what the person who waits should know. */
  readonly note: LoadOptions['note']
  /** Told of each range that is staged now. */
  readonly staged: () => void
}
