import { pipeline } from 'node:stream/promises'
import copyStreams from 'pg-copy-streams'
import type { Session } from '../db/session.js'
import { query } from '../db/sql.js'
import { traced } from '../db/trace.js'
import { changesTable, type SetKind } from './change-set.js'
import { type ChangedRows, kindFor, selectChanges } from './write.js'

/**
 * Like `writeChanges`, but another session stores them, so that they stay if this one rolls its transaction back. Only what is on
 * its way is in memory.
 */
export async function copyChanges(
  session: Session,
  to: Session,
  run: number,
  rows: ChangedRows,
  about: number,
): Promise<SetKind> {
  const kind = kindFor(about)
  const table = changesTable({ run, kind })
  if (kind === 'own')
    await to.run(query`CREATE TABLE ${table} (LIKE dasy.changes) WITH (autovacuum_enabled = off)`)
  const from = query`COPY (${selectChanges(run, rows)}) TO STDOUT (FORMAT binary)`
  const into = query`COPY ${table} (run, hash, position, was, op, key, old, new) FROM STDIN (FORMAT binary)`
  const [source, target] = [await session.clientForCopy(), await to.clientForCopy()]
  await traced(from, () =>
    pipeline(source.query(copyStreams.to(from)), target.query(copyStreams.from(into))),
  ).catch((error) => {
    throw session.failure(error)
  })
  if (kind === 'own') await to.run(query`CREATE INDEX ON ${table} (hash)`)
  return kind
}
