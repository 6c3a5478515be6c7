import type { DasyError } from '../base/errors.js'
import type { Events } from '../contract/events.js'
import type { Settings } from '../contract/settings.js'
import type { Session } from '../db/session.js'
import type { Tuning } from '../db/tuning.js'
import type { Locator } from '../ledger/locator.js'
import type { RunLedger } from '../ledger/run-ledger.js'
import type { GroupCounts } from '../ranges/group-counts.js'
import type { PreparedSource } from '../ranges/prepared-source.js'
import type { ScannedKeys } from '../ranges/scanned-keys.js'

/** A session that only large runs have, and only if the server has a free connection. */
export interface OptionalSession {
  readonly session: Promise<Session | undefined> | undefined
}

/** What is staged on the direct path: the staging table has one record of each key, and is to become the table. */
export interface DirectlyStaged {
  /** The columns of the staging table, in their order: those of the table. */
  readonly columns: readonly string[]
  /** How many records were omitted because they lose to another one with the same key. */
  readonly duplicates: number
  /** Transactions of others that ran when all was staged: they might see a part of the rows. */
  readonly others: readonly string[]
  /** Whether rows were written in subtransactions too. */
  readonly isSalvaged: boolean
  /** How many records there are of each value of the column that the aggregate of the table counts; undefined if unknown. */
  readonly groups: GroupCounts | undefined
}

/** What is known of the records without the database. */
export interface KnownRecords {
  /** The keys of all; undefined if bytes do not tell which keys are equal. */
  readonly keys: ScannedKeys | undefined
  /** Undefined if they are staged as usual. */
  readonly direct: DirectlyStaged | undefined
}

/** What judging and merging work with: made once for each attempt at a run. */
export interface RunContext {
  readonly run: number
  readonly settings: Settings
  readonly sources: readonly PreparedSource[]
  readonly session: Session
  /** For work at the same time; it writes to the schema `dasy` only. */
  readonly second: OptionalSession
  readonly known: KnownRecords
  readonly ledger: RunLedger
  readonly locator: Locator
  readonly tuning: Tuning
  readonly events: Events
  /** Takes an error that a plan reports after it has shown what it found; a load throws it. */
  readonly refuse?: ((error: DasyError) => void) | undefined
  /** Whether old values of what it changes are kept. */
  readonly keepsHistory: boolean
}
