import type { Session } from '../db/session.js'
import { copyStatement } from '../ledger/staging.js'
import type { LoadPlan, SourcePlan } from '../ranges/load-plan.js'
import type { RecordPlace } from '../ranges/record-parts.js'
import { ExactReader } from '../source/exact-reader.js'
import { openReader } from '../source/reader.js'
import type { SourceLocation } from '../source/source.js'
import { copyInto } from './copy-stream.js'
import { isRefusal, Miscounted } from './refusal.js'

/**
 * Stages records that were omitted from their ranges, because the records that they lost to were rejected.
 * @returns whether COPY accepts them
 */
export async function stageBelated(
  session: Session,
  plan: LoadPlan,
  records: readonly RecordPlace[],
): Promise<boolean> {
  try {
    await session.transaction(async () => {
      for (const [ordinal, source] of plan.sources.entries())
        await stageOf(
          session,
          plan,
          source,
          records.filter((record) => record.source === ordinal),
        )
    })
    return true
  } catch (error) {
    if (isRefusal(error)) return false
    throw error
  }
}

async function stageOf(
  session: Session,
  plan: LoadPlan,
  source: SourcePlan,
  records: readonly RecordPlace[],
): Promise<void> {
  if (records.length === 0) return
  const file = openReader(source.location as SourceLocation)
  try {
    const reader = new ExactReader(file, source.name)
    const copied = await copyInto(session, copyStatement(plan, source, 1), textsOf(reader, records))
    if (copied !== records.length) throw new Miscounted(copied, records.length)
  } finally {
    file.close()
  }
}

function* textsOf(reader: ExactReader, records: readonly RecordPlace[]): Generator<Uint8Array> {
  for (const { start, end } of records) {
    const text = new Uint8Array(end - start)
    reader.read(text, start)
    yield text
  }
}
