import type { Session } from '../db/session.js'
import { type Fragment, statement } from '../db/sql.js'
import { type RejectContext, rejectListed } from '../judge/staged-rejects.js'
import { analyze } from './statistics.js'

/** Rows that a constraint of the table refuses; whoever wrote them rolls back and rejects the records. */
export class RowsRefused extends Error {
  constructor(readonly rows: readonly RefusedRow[]) {
    super(`${rows.length} rows are refused`)
  }
}

/** Rows that the table did not take, without a word; which ones is found by writing carefully. */
export class RowsLeftOut extends Error {}

interface RefusedRow {
  /** As text: it may exceed what a number holds exactly. */
  readonly position: string
  readonly reason: string
}

export interface RowByRowContext {
  readonly classified: Fragment
  readonly target: Fragment
  /** Statements whose parameter is an array of positions. */
  readonly updates: string
  readonly inserts: string | undefined
  /** Lists those that are not in the table once they are written; where they must be, there is none. */
  readonly missing: string | undefined
  /** The table's, as v1, v2, … of what is classified stand for them. */
  readonly columns: readonly string[]
  /** What may leave rows out, for the reason. */
  readonly actors: readonly string[]
}

/** Rows that are told at a time, which is what is held of them; the others are told when these are gone. */
const MOST = 100_000

/**
 * Writes what is classified in the order of the file, so that a row which a constraint refuses is found.
 * @throws RowsRefused
 */
export async function writeRowByRow(session: Session, writing: RowByRowContext): Promise<void> {
  const { classified, target, updates, inserts, missing, columns, actors } = writing
  await session.run(statement('merge/index_classified', { classified }))
  // Each block is planned for itself, so what is known of the table should be of today.
  await analyze(session, [target])
  const leftOut = `the table did not take the row (${actors.join(', ')})`
  const values = [
    classified.sql,
    target.sql,
    updates,
    inserts ?? null,
    missing ?? null,
    columns,
    leftOut,
    MOST,
  ]
  const rows = await session.rows<RefusedRow>(statement('merge/write_carefully'), values)
  if (rows.length > 0) throw new RowsRefused(rows)
}

/** After the rollback. */
export async function rejectRefused(rejecting: RejectContext, { rows }: RowsRefused): Promise<void> {
  await rejectListed(rejecting, async (refused) => {
    const values = [rows.map(({ position }) => position), rows.map(({ reason }) => reason)]
    await rejecting.session.run(statement('merge/list_refused', { refused }), values)
  })
}
