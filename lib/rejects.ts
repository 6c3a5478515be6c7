import { Database } from './db/database.js'
import { type Form, forms } from './ledger/reject-forms.js'
import { rejectedRecords } from './ledger/rejects.js'
import type { DatabaseOptions } from './options.js'
import { requireRun } from './runs.js'

export interface RejectsOptions extends DatabaseOptions {
  /** A table with line, byte and reason, the header and the records alone, or a JSON array. */
  form?: Form | undefined
}

/** What was written. */
export interface RejectsResult {
  readonly rejects: number
  /** Records of which the ledger holds only a part; the form `raw` has no place for them. */
  readonly leftOut: number
}

/**
 * Writes the rejected records of a run, in the order of its file.
 * @throws DasyError RUN_NOT_FOUND
 */
export async function writeRejects(
  run: number,
  options: RejectsOptions,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<RejectsResult> {
  await using database = await Database.open(options)
  await using session = await database.session()
  const { header } = await requireRun(session, run)
  const form = forms[options.form ?? 'csv'](header ?? Buffer.alloc(0))

  let [rejects, leftOut] = [0, 0]
  await write(form.begin)
  for await (const reject of rejectedRecords(session, run)) {
    const bytes = form.record(reject)
    if (bytes) await write(bytes)
    else leftOut++
    rejects++
  }
  await write(form.end)
  return { rejects, leftOut }
}
