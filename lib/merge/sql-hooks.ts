import type { SqlFile } from '../contract/sql-file.js'
import { ident, list, query, sql, statement } from '../db/sql.js'
import type { RunContext } from '../judge/context.js'
import type { Winners } from '../judge/duplicate-keys.js'
import { stagingTable } from '../ledger/staging.js'
import { runSqlFile } from '../script/run.js'

/**
 * Runs the user's SQL in the publishing transaction, before and after the merge. It can use the number of the run,
 * `current_setting('dasy.run')`, and the view `staged` of the records that are loaded: the file's columns as text, and
 * `dasy_position`, which has the order of the file. Both exist in this transaction only.
 */
export class SqlHooks {
  readonly #context: RunContext
  readonly #duplicateKeys: Winners

  constructor(context: RunContext, duplicateKeys: Winners) {
    this.#context = context
    this.#duplicateKeys = duplicateKeys
  }

  /** @throws DasyError SQL_FILE_FAILED */
  async before(): Promise<void> {
    if (this.#areNone) return
    const { session, run, sources, settings } = this.#context
    const header = sources[0]?.opening.columns ?? []
    await session.run(query`SELECT set_config('dasy.run', $1, true)`, [`${run}`])
    const columns = header.map((name, index) => sql`s.${ident(`c${index + 1}`)} AS ${ident(name)}`)
    await session.run(
      statement('merge/create_staged', {
        staging: stagingTable(run),
        wins: this.#duplicateKeys.wins,
        columns: list([...columns, sql`s.position AS dasy_position`]),
      }),
    )
    await this.#run(settings.hooks.before)
  }

  /** @throws DasyError SQL_FILE_FAILED */
  async after(): Promise<void> {
    if (this.#areNone) return
    const { session, settings } = this.#context
    await this.#run(settings.hooks.after)
    // CASCADE drops the user's objects that use it: they are temporary as well.
    await session.run(query`DROP VIEW IF EXISTS pg_temp.staged CASCADE`)
  }

  get #areNone(): boolean {
    const { before, after } = this.#context.settings.hooks
    return before.length === 0 && after.length === 0
  }

  async #run(files: readonly SqlFile[]): Promise<void> {
    for (const file of files) await runSqlFile(this.#context.session, file)
  }
}
