import { open, rename, unlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { writeRejectsIn } from '../api/rejects.js'
import type { KnownReceipt, RunError } from '../contract/receipt.js'
import type { Session } from '../db/session.js'
import { findRun, receiptOf } from '../ledger/history.js'
import type { Ended } from './arrivals.js'
import { shown } from './file.js'
import { besides } from './targets.js'

/** What is written beside a file: the receipt of its run, or why it has none. */
export type FileReceipt = KnownReceipt | Unread

interface Unread {
  readonly run: number | null
  readonly status: 'unchanged' | 'failed'
  readonly source: string
  readonly error: RunError | null
}

/**
 * The receipt of a file.
 * @returns also the number of its rejects
 */
export async function receiptFor(
  session: Session,
  { run, same_as, error, path }: Ended,
): Promise<{ receipt: FileReceipt; rejects: number }> {
  if (run !== null) {
    const record = await findRun(session, run)
    return { receipt: receiptOf(record), rejects: record.rejects }
  }
  const status = error ? 'failed' : 'unchanged'
  return { receipt: { run: same_as, status, source: shown(path), error }, rejects: 0 }
}

/** Writes the receipt and the rejects of a file beside its target, each of them whole or not at all. */
export async function writeBesides(
  session: Session,
  target: string,
  { receipt, rejects }: { receipt: FileReceipt; rejects: number },
): Promise<void> {
  const paths = besides(target)
  if (rejects > 0 && receipt.run !== null) await writeRejectedRecords(session, receipt.run, paths.rejects)
  await whole(paths.receipt, (path) => writeFile(path, `${JSON.stringify(receipt, null, 2)}\n`))
}

/** Removes what was written for a file that was not moved there after all. */
export async function removeBesides(target: string): Promise<[]> {
  for (const path of Object.values(besides(target))) await unlink(path).catch(() => {})
  return []
}

async function writeRejectedRecords(session: Session, run: number, to: string): Promise<void> {
  await whole(to, async (path) => {
    await using handle = await open(path, 'w')
    await writeRejectsIn(session, run, {}, async (bytes) => {
      await handle.writeFile(bytes)
    })
  })
}

/** Writes a file under a name of this process, and then gives it its own. */
async function whole(path: string, write: (path: string) => Promise<void>): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`)
  try {
    await write(temporary)
    await rename(temporary, path)
  } catch (error) {
    await unlink(temporary).catch(() => {})
    throw error
  }
}
