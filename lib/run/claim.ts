import { DasyError } from '../base/errors.js'
import { outcomeOptions } from '../contract/stored-settings.js'
import { displayName } from '../contract/table-name.js'
import { ended, RunLedger, requireStored } from '../ledger/run-ledger.js'
import type { StoredRun } from '../ledger/stored-run.js'
import type { LoadConnection } from './connection.js'
import type { Load } from './load.js'
import type { Preflight } from './preflight.js'
import { Run } from './run.js'
import { discardObsoleteRuns, noteSpace, resumableRuns } from './unfinished-runs.js'

/** How long a run that the user named is waited for: its process may just have died. */
const WAIT_MS = 5000

/**
 * The run that is to do a load: the one that is named, an earlier one of the same sources and options that stopped, or a
 * new one.
 *
 * @returns undefined if the run that is named is complete
 * @throws DasyError RUN_ACTIVE, RUN_ENDED
 */
export async function claim(
  load: Load,
  connection: LoadConnection,
  checked: Preflight,
): Promise<Run | undefined> {
  const claimed = new Claim(load, connection, checked)
  const ledger =
    load.run === undefined
      ? ((await claimed.takeOver()) ?? (await claimed.begin()))
      : await claimed.reopenNamed(load.run)
  if (!ledger) return undefined
  load.claimed(ledger)
  return new Run(load, connection, checked, ledger)
}

class Claim {
  readonly #load: Load
  readonly #connection: LoadConnection
  readonly #preflight: Preflight

  constructor(load: Load, connection: LoadConnection, checked: Preflight) {
    this.#load = load
    this.#connection = connection
    this.#preflight = checked
  }

  async reopenNamed(run: number): Promise<RunLedger | undefined> {
    const { session } = this.#connection
    const ledger = await this.#reopen(await requireStored(session, run), WAIT_MS)
    if (!ledger && (await requireStored(session, run)).outcome !== 'completed') throw ended(run)
    return ledger
  }

  /** Resumes an earlier run of the same load, if no other process works at it. */
  async takeOver(): Promise<RunLedger | undefined> {
    const { session } = this.#connection
    const { note } = this.#load.environment.events
    const stopped = await discardObsoleteRuns(session, this.#load.task, note)
    for (const stored of resumableRuns(stopped, this.#load.task)) {
      const ledger = await this.#reopen(stored, 0).catch(unlessActive)
      if (!ledger) continue
      note(`resuming run ${stored.run} (--restart starts a new run)`)
      return ledger
    }
    if (this.#load.environment.events.isHeard) await noteSpace(session, stopped, note)
    return undefined
  }

  begin(): Promise<RunLedger> {
    const { command, settings } = this.#load.task
    const { sources, doubts } = this.#preflight
    return RunLedger.begin(this.#connection.session, {
      command,
      target: displayName(settings.table),
      key: settings.mapping.key,
      options: outcomeOptions(settings),
      workers: this.#connection.pool.size,
      doubts,
      sources: sources.map(({ source, opening, format }) => ({ source, ...opening, ...format })),
    })
  }

  #reopen(stored: StoredRun, waitMs: number): Promise<RunLedger | undefined> {
    const { session, pool } = this.#connection
    return RunLedger.reopen(session, stored, {
      options: outcomeOptions(this.#load.task.settings),
      workers: pool.size,
      before: this.#load.before,
      waitMs,
    })
  }
}

function unlessActive(error: unknown): undefined {
  if (error instanceof DasyError && error.code === 'RUN_ACTIVE') return undefined
  throw error
}
