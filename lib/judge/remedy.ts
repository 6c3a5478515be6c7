import { type Bad, type Remedy, remedyFor } from '../csv/detection/remedies.js'
import { rejectedRecords } from '../ledger/rejects.js'
import type { PreparedSource } from '../ranges/prepared-source.js'
import type { RunContext } from './context.js'

/** The number and the bytes of rejects on which flags are tried. */
const ENOUGH = 1000
const ENOUGH_BYTES = 1024 * 1024

/** A sentence that names the flag with which rejects of a run would be valid, if there is one. Errors are ignored. */
export async function remedyOf(context: RunContext): Promise<string | undefined> {
  return await findRemedy(context).catch(() => undefined)
}

async function findRemedy({ session, run, sources }: RunContext): Promise<string | undefined> {
  const rejects: Bad[][] = sources.map(() => [])
  let count = 0
  let bytes = 0
  for await (const { source, reason, record, complete } of rejectedRecords(session, run)) {
    if (complete) rejects[source]?.push({ reason, record: Buffer.from(record) })
    count += 1
    bytes += record.length
    if (count >= ENOUGH || bytes >= ENOUGH_BYTES) break
  }
  for (const [source, some] of rejects.entries()) {
    const remedy = some.length > 0 && remedyIn(some, sources[source] as PreparedSource)
    if (remedy) return sayRemedy(remedy)
  }
  return undefined
}

export function remedyIn(
  rejects: readonly Bad[],
  { format, opening, sample }: PreparedSource,
): Remedy | undefined {
  const { dialect } = format
  return remedyFor(rejects, { dialect, columns: opening.columns.length, sample })
}

export function sayRemedy({ cured, tried, flag }: Remedy): string {
  const which = tried >= ENOUGH ? `the first ${tried}` : `${tried}`
  return `${cured} of ${which} rejected records would be valid with ${flag}.`
}
