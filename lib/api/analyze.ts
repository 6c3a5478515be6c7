import { findDataset } from '../config/with-dataset.js'
import { requireKnownOptions } from '../contract/known-options.js'
import type { DatabaseOptions } from '../contract/options.js'
import { Database } from '../db/database.js'
import type { Session } from '../db/session.js'
import { ident, query, statement } from '../db/sql.js'
import { runSqlFile } from '../script/run.js'
import { readSqlFile } from '../script/sql-file.js'

export interface AnalyzeOptions extends DatabaseOptions {
  /** The path of the configuration; dasy.config.json in the working directory if not given. */
  config?: string | undefined
}

export interface AnalyzedView {
  /** The name with its schema, quoted if necessary. */
  readonly view: string
  readonly materialized: boolean
  readonly rows: number
}

export interface AnalyzeResult {
  readonly dataset: string
  /** The views that were created, replaced or refreshed. */
  readonly views: readonly AnalyzedView[]
}

interface MadeView {
  readonly schema: string
  readonly name: string
  readonly shown: string
  readonly materialized: boolean
}

/**
 * Runs the SQL files that create the views of a dataset, all in one transaction.
 * @throws DasyError BAD_CONFIG, CONFIG_UNREADABLE, DATASET_NOT_FOUND, SQL_FILE_UNREADABLE, SQL_FILE_FAILED
 */
export async function analyze(name: string, options: AnalyzeOptions = {}): Promise<AnalyzeResult> {
  requireKnownOptions('analyze', options)
  const { config, dataset } = await findDataset(name, options.config)
  if (dataset.views.length === 0)
    throw config.failure(
      dataset,
      `the dataset "${name}" names no views`,
      'Name SQL files: "views": ["views.sql"]',
    )
  const files = dataset.views.map(readSqlFile)
  await using database = await Database.open(options)
  await using session = await database.session()
  const views = await session.transaction(async () => {
    for (const file of files) await runSqlFile(session, file)
    const made = await session.rows<MadeView>(statement('api/made_views'))
    const measured: AnalyzedView[] = []
    for (const each of made) measured.push(await measure(session, each))
    return measured
  })
  return { dataset: name, views }
}

async function measure(
  session: Session,
  { schema, name, shown, materialized }: MadeView,
): Promise<AnalyzedView> {
  const row = await session.row<{ rows: number }>(query`SELECT count(*) AS rows FROM ${ident(schema, name)}`)
  return { view: shown, materialized, rows: row?.rows ?? 0 }
}
