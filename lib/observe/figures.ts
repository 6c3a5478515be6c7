import type { Rows } from '../contract/receipt.js'
import { isMigrated } from '../db/migrations.js'
import type { Session } from '../db/session.js'
import { query, statement } from '../db/sql.js'
import { jobState } from '../ledger/jobs.js'
import type { TableSizes } from './table-sizes.js'

/** So many tables are named in metrics; all others together are "other". */
const MOST_TABLES = 100

/** What the runs of a table, command and outcome did together. */
export interface Sums extends Rows {
  readonly table: string
  readonly command: string
  readonly status: string
  readonly runs: number
  readonly bytes: number
  /** When a load last succeeded, in seconds since 1970; null if none did. */
  readonly succeeded: number | null
}

export interface State {
  readonly state: string
  readonly count: number
}

/** What the database knows for metrics: the same for every process. */
export interface Figures {
  readonly sums: readonly Sums[]
  readonly tables: readonly { readonly table: string; readonly rows: number }[]
  readonly jobs: readonly State[]
  readonly deliveries: readonly { readonly outcome: string; readonly deliveries: number }[]
  readonly files: readonly State[]
  /** How long the oldest file has been waiting. */
  readonly oldestFile: number
}

export const NO_FIGURES: Figures = {
  sums: [],
  tables: [],
  jobs: [],
  deliveries: [],
  files: [],
  oldestFile: 0,
}

/** @param sizes undefined: how many rows tables have is not asked */
export async function readFigures(session: Session, sizes: TableSizes | undefined): Promise<Figures> {
  if (!(await isMigrated(session))) return NO_FIGURES
  const sums = await session.rows<Sums & { named: boolean }>(statement('observe/sums'), [MOST_TABLES])
  const named = [...new Set(sums.flatMap(({ named, table }) => (named ? [table] : [])))]
  const files = await session.rows<State & { seconds: number }>(statement('observe/files'))
  return {
    sums,
    tables: (await sizes?.read(session, named)) ?? [],
    jobs: await session.rows<State>(statement('observe/jobs', { state: jobState() })),
    deliveries: await session.rows(query`SELECT outcome, deliveries FROM dasy.delivery_sums`),
    files,
    oldestFile: files.find(({ state }) => state === 'waiting')?.seconds ?? 0,
  }
}
