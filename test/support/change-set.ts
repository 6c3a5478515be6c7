import type { Change } from '../../lib/index.js'
import { changes } from './compiled.js'
import type { TestDatabase } from './database.js'

/** What a run has changed. */
export async function changesOf(db: TestDatabase, run: number): Promise<Change[]> {
  const all: Change[] = []
  for await (const change of changes(run, { databaseUrl: db.url })) all.push(change)
  return all
}

/** The same, as `delete a`, sorted. */
export async function changedKeys(db: TestDatabase, run: number): Promise<string[]> {
  const all = await changesOf(db, run)
  return all.map(({ op, key }) => `${op} ${Object.values(key).join(' ')}`).toSorted()
}
