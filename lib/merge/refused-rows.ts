import { statement } from '../db/sql.js'
import { type RejectContext, rejectListed } from '../judge/staged-rejects.js'

/** Rows that a constraint of the table refuses; after the rollback their records are rejected. */
export class RowsRefused extends Error {
  constructor(readonly rows: readonly RefusedRow[]) {
    super(`${rows.length} rows are refused`)
  }
}

/** Rows that the table did not take, without an error; writing row by row finds which. */
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
