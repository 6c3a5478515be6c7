import type { DasyError } from '../base/errors.js'
import type { Events } from '../contract/events.js'
import type { Settings } from '../contract/settings.js'
import type { Session } from '../db/session.js'
import type { Tuning } from '../db/tuning.js'
import type { Locator } from '../ledger/locator.js'
import type { RunLedger } from '../ledger/run-ledger.js'
import type { PreparedSource } from '../ranges/prepared-source.js'
import type { ScannedKeys } from '../ranges/scanned-keys.js'

/** A session that only large runs have, and only if the server has a free connection. */
export interface OptionalSession {
  readonly session: Promise<Session | undefined> | undefined
}

/** What judging and merging work with: made once for each attempt at a run. */
export interface RunContext {
  readonly run: number
  readonly settings: Settings
  readonly sources: readonly PreparedSource[]
  readonly session: Session
  /** For work at the same time; it writes to the schema `dasy` only. */
  readonly second: OptionalSession
  /** The keys of all records; undefined if bytes do not tell which keys are equal. */
  readonly scannedKeys: ScannedKeys | undefined
  readonly ledger: RunLedger
  readonly locator: Locator
  readonly tuning: Tuning
  readonly events: Events
  /** Takes an error that a plan reports after it has shown what it found; a load throws it. */
  readonly refuse?: ((error: DasyError) => void) | undefined
  /** Whether old values of what it changes are kept. */
  readonly keepsHistory: boolean
}
