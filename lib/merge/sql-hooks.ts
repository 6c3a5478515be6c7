import type { Settings } from '../contract/settings.js'
import type { SqlFile } from '../contract/sql-file.js'
import { ident, list, sql, statement } from '../db/sql.js'
import { stagingTable } from '../ledger/staging.js'
import { runSqlFile } from '../script/run.js'
import type { MergeContext } from './strategy.js'

/** What the statements of a user's files work with. */
export interface HookOptions extends Pick<MergeContext, 'session' | 'run' | 'repeats'> {
  readonly settings: Pick<Settings, 'before' | 'after'>
  /** The file's columns, in the order in which they are staged. */
  readonly header: readonly string[]
}

/**
 * A user's own SQL in the transaction that publishes, before the merge and after it. At hand are the run's number,
 * `current_setting('dasy.run')`, and the records that count, as the view `staged`: the file's columns as text, and
 * `dasy_position`, which is in the order of the file. Both are gone with the transaction.
 */
export class SqlHooks {
  readonly #options: HookOptions

  constructor(options: HookOptions) {
    this.#options = options
  }

  /** @throws DasyError SQL_FILE_FAILED */
  async before(): Promise<void> {
    if (this.#areNone) return
    const { session, run, repeats, header, settings } = this.#options
    await session.run(statement('script/tell_run'), [`${run}`])
    const columns = header.map((name, index) => sql`s.${ident(`c${index + 1}`)} AS ${ident(name)}`)
    await session.run(
      statement('script/create_staged', {
        staging: stagingTable(run),
        wins: repeats.wins,
        columns: list([...columns, sql`s.position AS dasy_position`]),
      }),
    )
    await this.#run(settings.before)
  }

  /** @throws DasyError SQL_FILE_FAILED */
  async after(): Promise<void> {
    if (this.#areNone) return
    const { session, settings } = this.#options
    await this.#run(settings.after)
    await session.run(statement('script/drop_staged'))
  }

  get #areNone(): boolean {
    const { before, after } = this.#options.settings
    return before.length === 0 && after.length === 0
  }

  async #run(files: readonly SqlFile[]): Promise<void> {
    for (const file of files) await runSqlFile(this.#options.session, file)
  }
}
