import type { Change, Operation, Place } from '../contract/change.js'
import { findSet } from '../history/change-set.js'
import { ChangeReader, type StoredChange, storedChanges } from '../history/read.js'
import type { RunContext } from '../judge/context.js'
import { typedName } from '../source/standard-input.js'

/** How many changes of each kind are shown. */
const SHOWN = 10
const OPERATIONS: readonly Operation[] = ['insert', 'update', 'delete']
const NOWHERE: Place = { source: null, byte: null, line: null }

/** The first planned changes of each kind. */
export async function sampleOf(context: RunContext): Promise<Change[]> {
  const { session, run } = context
  const set = await findSet(session, run)
  if (!set) return []
  const { inserted, updated, deleted } = set
  const counts = { insert: inserted, update: updated, delete: deleted }
  const reader = new ChangeReader(set)
  const sample: Change[] = []
  for (const op of OPERATIONS) {
    if (counts[op] === 0) continue
    const stored = storedChanges(session, set, { ops: [op], limit: SHOWN })
    for (const change of await collected(stored)) {
      sample.push({ ...reader.read(change), ...(await placeOf(context, change)) })
    }
  }
  return sample
}

async function collected(changes: AsyncIterable<StoredChange>): Promise<StoredChange[]> {
  const all: StoredChange[] = []
  for await (const change of changes) all.push(change)
  return all
}

/** Read again from the source; a source that is gone has told its name only. */
async function placeOf({ sources, locator }: RunContext, { source, place }: StoredChange): Promise<Place> {
  const opened = source === null ? undefined : sources[source]?.source
  if (source === null || place === null || !opened) return NOWHERE
  try {
    const { byte, line } = await locator.locate({ source, place })
    return { source: typedName(opened), byte, line }
  } catch {
    return { source: typedName(opened), byte: null, line: null }
  }
}
