import type { Session } from '../db/session.js'
import type { Fragment } from '../db/sql.js'
import type { Locator } from '../ledger/locator.js'

/** What writing works with. */
export interface WriteContext {
  readonly run: number
  readonly session: Session
  /** The name of the table in SQL. */
  readonly target: Fragment
  /** Whether old values are kept; otherwise only how many rows were changed. */
  readonly keepsHistory: boolean
  /** Finds the records that are written in their sources; undefined if there are none. */
  readonly locator?: Locator
}

/** What was written. */
export interface Written {
  readonly inserted: number
  /** Rows that changed. */
  readonly updated: number
  /** Rows that are gone; fewer than were to be deleted, if a trigger kept some. */
  readonly deleted: number
  /** Updated rows that a trigger or a rule left as they were. */
  readonly same: number
}
