import { statement } from '../db/sql.js'
import { type RejectContext, rejectListed } from '../judge/staged-rejects.js'

/** The table refuses these rows: their records are rejected after the rollback. */
export class RowsRefused extends Error {
  constructor(readonly rows: readonly RefusedRow[]) {
    super(`${rows.length} rows are refused`)
  }
}

/** The table did not store some of the rows, without an error: writing row by row finds them. */
export class RowsLeftOut extends Error {}

export interface RefusedRow {
  /** As text: it may exceed what a number holds exactly. */
  readonly position: string
  readonly reason: string
}

/** Moves the records of refused rows to the rejects, after the rollback. */
export async function rejectRefused(context: RejectContext, { rows }: RowsRefused): Promise<void> {
  await rejectListed(context, async (refused) => {
    const values = [rows.map(({ position }) => position), rows.map(({ reason }) => reason)]
    await context.session.run(statement('merge/list_refused', { refused }), values)
  })
}
