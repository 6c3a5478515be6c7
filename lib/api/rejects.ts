import { isDeepStrictEqual } from 'node:util'
import { DasyError } from '../base/errors.js'
import { requireKnownOptions } from '../contract/known-options.js'
import type { RejectsOptions } from '../contract/options.js'
import { parseCount } from '../contract/values.js'
import { Database } from '../db/database.js'
import type { Session } from '../db/session.js'
import { type Form, forms } from '../ledger/reject-forms.js'
import { type RejectedRecord, rejectedRecords } from '../ledger/rejects.js'
import type { StoredSource } from '../ledger/sources.js'
import { runNotFound } from '../ledger/stored-run.js'
import { requireRun } from './runs.js'

/** A rejected record: its source and place, the reason, and its bytes. */
export interface Rejected extends Omit<RejectedRecord, 'source'> {
  /** The source's name. */
  readonly source: string
}

/**
 * The rejected records of a run, in the order of its sources; only a few are in memory at a time.
 * @throws DasyError RUN_NOT_FOUND, SOURCE_NOT_FOUND
 */
export async function* rejects(run: number, options: RejectsOptions = {}): AsyncGenerator<Rejected> {
  requireKnownOptions('rejects', options)
  parseCount('run', run)
  await using database = await Database.openIfThere(options)
  if (!database) throw runNotFound(run)
  await using session = await database.session()
  const { sources } = await requireRun(session, run)
  const only = options.source === undefined ? undefined : sourceNamed(options.source, sources, run)
  for await (const each of rejectedRecords(session, run, only))
    yield { ...each, source: sources[each.source]?.name as string }
}

export interface WriteOptions extends RejectsOptions {
  /** CSV with line, byte and reason, the header and the records as they were (raw), or one JSON object per line. */
  form?: Form | undefined
}

/** The counts of what was written. */
export interface RejectsResult {
  readonly rejects: number
  /** Records that were not written, because the form `raw` cannot mark that the ledger stores only a part of them. */
  readonly leftOut: number
}

/**
 * Writes the rejected records of a run, in the order of its sources.
 * @throws DasyError RUN_NOT_FOUND, SOURCE_NOT_FOUND, SOURCES_DIFFER
 */
export async function writeRejects(
  run: number,
  options: WriteOptions,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<RejectsResult> {
  await using database = await Database.openIfThere(options)
  if (!database) throw runNotFound(run)
  await using session = await database.session()
  return await writeRejectsIn(session, run, options, write)
}

/** The same in a session that is open. */
export async function writeRejectsIn(
  session: Session,
  run: number,
  options: WriteOptions,
  write: (bytes: Uint8Array) => Promise<void>,
): Promise<RejectsResult> {
  const { sources } = await requireRun(session, run)
  const only = options.source === undefined ? undefined : sourceNamed(options.source, sources, run)
  if (options.form === 'raw' && only === undefined) refuseMixed(sources, run)
  const header = sources[only ?? 0]?.header ?? Buffer.alloc(0)
  const names = sources.length > 1 ? sources.map(({ name }) => name) : undefined
  const form = forms[options.form ?? 'csv']({ header, names })

  let [count, leftOut] = [0, 0]
  await write(form.begin)
  for await (const reject of rejectedRecords(session, run, only)) {
    const bytes = form.record(reject)
    if (bytes) await write(bytes)
    else leftOut++
    count++
  }
  await write(form.end)
  return { rejects: count, leftOut }
}

function sourceNamed(name: string, sources: readonly StoredSource[], run: number): number {
  const found = sources.find((source) => source.name === name)
  if (found) return found.ordinal
  const names = sources.map((source) => source.name)
  throw new DasyError('SOURCE_NOT_FOUND', `run ${run} had no source "${name}"`, {
    hint: `It had ${names.join(', ')}.`,
    details: { run },
  })
}

/** Sources can be written under one header only if they have the same columns, dialect and encoding. */
function refuseMixed([first, ...others]: readonly StoredSource[], run: number): void {
  const other = others.find(
    ({ columns, dialect, encoding }) =>
      !isDeepStrictEqual([columns, dialect, encoding], [first?.columns, first?.dialect, first?.encoding]),
  )
  if (!other) return
  throw new DasyError('SOURCES_DIFFER', `${other.name} has another dialect than ${first?.name}`, {
    hint: `Name one of them: dasy rejects ${run} --raw --source '${other.name}'`,
    details: { run },
  })
}
