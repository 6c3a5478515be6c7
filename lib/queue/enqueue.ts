import { stat } from 'node:fs/promises'
import { ownHost } from '../base/host.js'
import { Events } from '../contract/events.js'
import { requireKnownOptions } from '../contract/known-options.js'
import { type ChangeOptions, defaults, type ResumeOptions } from '../contract/options.js'
import type { EnqueueOptions } from '../contract/queue-options.js'
import { resolveOptions, type Settings } from '../contract/settings.js'
import { displayName, type TableName } from '../contract/table-name.js'
import { badOption, wholeNumber } from '../contract/values.js'
import { lockQueue, useSchema } from '../db/locks.js'
import { migrate } from '../db/migrations.js'
import type { Session } from '../db/session.js'
import { query, statement } from '../db/sql.js'
import { announceSource } from '../ledger/sources.js'
import { Sources } from '../ranges/sources.js'
import { interruptedOr } from '../run/cancellation.js'
import { openDatabase } from '../run/connection.js'
import { commandOf, type LoadTask, optionsOf } from '../run/load.js'
import { readSqlFile } from '../script/sql-file.js'
import { notRepeatable } from '../source/origins/pipe.js'
import type { Source } from '../source/source.js'
import { STANDARD_INPUT } from '../source/standard-input.js'
import { hostOf } from './host.js'
import { schedule } from './schedule.js'
import { prepareQueue } from './schema.js'

/** The most attempts that the column of graphile-worker could count. */
const MOST_ATTEMPTS = 32_767

/** A run that waits in the queue. */
export interface EnqueueResult {
  readonly run: number
}

/** A run as it is stored before a worker begins with it. */
export interface WaitingRun {
  readonly command: string
  readonly table: TableName
  readonly key: readonly string[]
  /** What decides its outcome. */
  readonly options: object
  readonly workers: number
  readonly sources: readonly Source[]
  /** The run that it takes back. */
  readonly undoes?: number | undefined
}

/** How a run is done. */
export interface HowDone {
  /** The only host that can do it; null if any can. */
  readonly host: string | null
  /** The options that do not decide the outcome, or that a run may be gone on with. */
  readonly tuning: ResumeOptions
  readonly attempts: number
}

export interface NewJob extends HowDone {
  readonly run: WaitingRun
  /** Whether its files must not change before a worker begins with it. */
  readonly isPinned?: boolean
}

/**
 * Puts a load into the queue, for `work` in this or another process. What can be checked at once is checked: the options, and that
 * the sources can be opened.
 * @param sources files, patterns, URLs; several are loaded as one run, in this order
 * @throws DasyError as `ingest` does before it begins; BAD_OPTION for standard input
 */
export async function enqueue(
  sources: string | readonly string[],
  options: EnqueueOptions = {},
): Promise<EnqueueResult> {
  requireKnownOptions('enqueue', options)
  const { update, plan, attempts, shared, ...load } = options
  const { signal, onEvent } = load
  const events = new Events(onEvent)
  const settings = resolveOptions(load, readSqlFile)
  const names = [sources].flat()
  if (names.includes(STANDARD_INPUT))
    throw badOption('SOURCE', 'standard input is gone before a worker can read it')
  // Opening one would wait for whoever writes into it.
  for (const name of names) if (await isPipe(name)) throw notRepeatable(name)
  try {
    await using opened = await Sources.open(names, settings, { signal, note: events.note })
    for (const source of opened.all) if (source.path === null) throw notRepeatable(source.name)
    const job = newJob(options, settings, opened.all)
    return await inQueue(options, (session) => store(session, job))
  } catch (error) {
    throw interruptedOr(error, signal)
  }
}

/** Does something in one transaction, in a database that has a queue. */
export async function inQueue<Result>(
  options: ChangeOptions,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const { signal, onEvent } = options
  await using database = await openDatabase(options, new Events(onEvent))
  await using session = await database.session('dasy', signal)
  await useSchema(session)
  await migrate(session)
  await prepareQueue(database, session)
  return await session.transaction(() => work(session))
}

async function isPipe(name: string): Promise<boolean> {
  return await stat(name).then(
    (stats) => stats.isFIFO(),
    () => false,
  )
}

/** @throws DasyError BAD_OPTION */
export function newJob(options: EnqueueOptions, settings: Settings, sources: readonly Source[]): NewJob {
  const { update, plan, shared = [] } = options
  const how = { command: update ? 'update' : 'ingest', mode: plan ? 'plan' : 'load' } as const
  const task: LoadTask = { ...how, settings, sources }
  return {
    run: {
      command: commandOf(task),
      table: settings.table,
      key: settings.mapping.key,
      options: optionsOf(task),
      workers: settings.tuning.workers,
      sources,
    },
    host: hostOf({ sources, hooks: settings.hooks }, ownHost(), shared),
    tuning: tuningOf(options),
    attempts: attemptsOf(options),
  }
}

/** @throws DasyError BAD_OPTION */
export function attemptsOf({ attempts = defaults.attempts }: Pick<EnqueueOptions, 'attempts'>): number {
  return wholeNumber('attempts', attempts, 1, MOST_ATTEMPTS)
}

/** Stores the run, its job, and the job of graphile-worker, in the transaction of the caller. */
export async function store(session: Session, job: NewJob): Promise<EnqueueResult> {
  const { host, tuning, attempts, isPinned = false } = job
  const queue = await queueOf(session, job.run.table)
  await lockQueue(session, queue)
  const run = await storeRun(session, job.run)
  const values = [run, queue, host, JSON.stringify(tuning), attempts, isPinned]
  await session.run(
    query`INSERT INTO dasy.jobs (run, queue, host, tuning, max_attempts, pinned) VALUES ($1, $2, $3, $4, $5, $6)`,
    values,
  )
  await schedule(session, queue)
  return { run }
}

async function storeRun(session: Session, waiting: WaitingRun): Promise<number> {
  const { command, table, key, options, workers, sources, undoes } = waiting
  const row = await session.row<{ run: number }>(statement('queue/enqueue_run'), [
    ...[command, displayName(table), key, JSON.stringify(options), workers, undoes ?? null],
  ])
  const { run } = row as { run: number }
  for (const source of sources) await announceSource(session, run, source)
  return run
}

/** The name of a table's queue: `public.products`, however the table was named. */
export async function queueOf(session: Session, { schema, name }: TableName): Promise<string> {
  const row = await session.row<{ queue: string }>(
    query`SELECT format('%I.%I', coalesce($1::text, current_schema(), 'public'), $2::text) AS queue`,
    [schema ?? null, name],
  )
  return (row as { queue: string }).queue
}

/** The options that do not decide the result, as the user gave them: defaults are those of the host that loads. */
export function tuningOf(options: ResumeOptions): ResumeOptions {
  const { trustOwner, workers, rangeSize, workMem, parallel, retryFor, historyDays } = options
  return { trustOwner, workers, rangeSize, workMem, parallel, retryFor, historyDays }
}
