import type { TuningSettings } from '../contract/settings.js'
import type { TableName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import type { PublishContext } from '../merge/publication.js'
import type { MergeStrategy } from '../merge/strategy.js'

/** What publishing a change works with. */
export interface ChangeContext extends PublishContext {
  readonly run: number
  /** Whether code of the table's owner may run with the rights of this role. */
  readonly trustOwner: boolean
  /** Whether old values are kept. */
  readonly keepsHistory: boolean
}

/** Writes changes that no file brings. */
export interface ChangeStrategy extends MergeStrategy {
  /** How many changes were to be made; known after `write`. */
  readonly read: number
}

/** What a run without sources does: it takes back another run, or deletes rows. */
export interface ChangeTask {
  readonly command: 'undo' | 'purge'
  readonly table: TableName
  /** Everything that decides its outcome, as JSON: with it the run can be resumed. */
  readonly options: object
  /** The run that it takes back. */
  readonly undoes?: number | undefined
  readonly tuning: TuningSettings
  /** The run to resume. */
  readonly run?: number | undefined
  /** Whether that run was taken from the queue. */
  readonly isOfQueue?: boolean
  /** Finds what prevents it, at the beginning of each attempt. A new run has not begun then. @returns the columns of the key */
  prepare(session: Session): Promise<readonly string[]>
  /** Chooses how to write, within the publishing transaction, and locks the table. */
  choose(context: ChangeContext): Promise<ChangeStrategy>
  /** After the transaction was rolled back: whether to publish again, because `choose` will avoid this error. */
  mayChooseAgain?(error: unknown): boolean
}
