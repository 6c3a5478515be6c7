import { Database } from './db/database.js'
import { migrate } from './db/migrations.js'
import { Session } from './db/session.js'
import { DasyError } from './errors.js'
import { explained, Interruption } from './interruption.js'
import { type Ending, RunLedger, sweepDeadRuns } from './ledger/run-ledger.js'
import { Locator } from './load/locator.js'
import { WorkerPool } from './load/pool.js'
import type { LoadPlan } from './load/protocol.js'
import { Staging } from './load/staging.js'
import { judgeRejects } from './merge/judgement.js'
import { rejectBadKeys } from './merge/key-check.js'
import { Publication, toRows } from './merge/publication.js'
import { Repeats } from './merge/repeats.js'
import { displayName, type LoadOptions, type Settings, settle } from './options.js'
import { type LoadCommand, type LoadOutline, mayMake, outline, workersFor } from './plan.js'
import type { Phase, Progress } from './progress.js'
import { planRanges } from './ranges/planner.js'
import { rangeSizing } from './ranges/sizing.js'
import { type AggregateReceipt, checkBalance, type Receipt, type Rows } from './receipt.js'
import { FileSource } from './source/file.js'
import type { Source } from './source/source.js'
import { Stopwatch } from './stopwatch.js'

/**
 * A load, from the file to the receipt:
 *
 *     source → ranges → workers → COPY → staging → merge → aggregate → receipt
 */
export async function load(command: LoadCommand, file: string, options: LoadOptions): Promise<Receipt> {
  const settings = settle(options)
  await using source = await FileSource.open(file)
  try {
    await using database = await Database.open(options)
    await using session = await database.session('dasy', options.signal)
    return await loadInto({ command, settings, source, database, session, watch: new Stopwatch() }, options)
  } catch (error) {
    throw explained(error, options.signal)
  }
}

async function loadInto(place: Place, options: LoadOptions): Promise<Receipt> {
  const { command, settings, source, database, session } = place
  await using pool = new WorkerPool(database.connection, workersFor(settings, source))
  await using interruption = new Interruption(options.signal, database, session, pool)
  await migrate(session)
  await sweepDeadRuns(session)
  const outlined = await outline(session, command, source, settings)
  await using run = await Run.begin({ ...place, pool, ...outlined }, options)
  try {
    await run.stage()
    interruption.check()
    await run.judge()
    interruption.check()
    return await run.publish()
  } catch (error) {
    await interruption.end()
    throw await run.abandon(explained(error, options.signal))
  }
}

/** What a load is about, and where it goes. */
interface Place {
  readonly command: LoadCommand
  readonly settings: Settings
  readonly source: Source
  readonly database: Database
  readonly session: Session
  readonly watch: Stopwatch
}

interface Parts extends Place, LoadOutline {
  readonly pool: WorkerPool
}

/** Records from which on a second session is worth its connection. */
const WORTH_A_HELPER = 50_000

/** One run: the steps of the state machine whose states the ledger stores. */
class Run {
  readonly #parts: Parts
  readonly #progress: Progress
  readonly #ledger: RunLedger
  readonly #plan: LoadPlan
  readonly #locator: Locator
  #read = 0
  #rejected = 0

  private constructor(parts: Parts, progress: Progress, ledger: RunLedger) {
    const { session, source, mapping, format } = parts
    this.#parts = parts
    this.#progress = progress
    this.#ledger = ledger
    this.#plan = {
      run: ledger.run,
      columns: mapping.columns.length,
      ...format,
      sources: [source.location],
    }
    this.#locator = new Locator(session, this.#plan)
  }

  static async begin(parts: Parts, { progress = {} }: LoadOptions): Promise<Run> {
    const { command, settings, source, session, pool } = parts
    const ledger = await RunLedger.begin(session, {
      command,
      target: displayName(settings.table),
      key: settings.key,
      options: { ...settings },
      workers: pool.size,
      sources: [source],
    })
    return new Run(parts, progress, ledger)
  }

  /** The workers COPY the source's ranges into staging. */
  async stage(): Promise<void> {
    const { session, source, settings, pool, opening } = this.#parts
    await this.#ledger.enter('staging')
    await new Staging(session, this.#plan.run, this.#plan.columns, pool.size).create()
    this.#enter('copy', source.size)
    const ranges = planRanges(source, opening.start, {
      dialect: this.#plan.dialect,
      maxRecord: this.#plan.maxRecord,
      sizeAt: rangeSizing(source.size, pool.size, settings.rangeSize),
    })
    this.#progress.advanced?.(opening.start.offset, 0)
    await pool.load(this.#plan, ranges, (range, { records, rejected }) => {
      this.#read += records
      this.#rejected += rejected
      this.#progress.advanced?.(range.end - range.start, records)
    })
    await source.verifyUnchanged()
    await this.#ledger.enter('staged')
  }

  /** Rejects what has no key, then decides whether there are too many rejects. */
  async judge(): Promise<void> {
    const { session, settings, mapping } = this.#parts
    this.#enter('merge')
    this.#rejected += await rejectBadKeys(session, this.#plan.run, mapping.key, this.#locator)
    await judgeRejects(session, this.#plan.run, this.#read, this.#rejected, settings.maxRejects)
    await this.#ledger.enter('merging')
  }

  /** Makes it visible, aggregates and receipt included, in one transaction. */
  async publish(): Promise<Receipt> {
    const { database } = this.#parts
    await using helper = await this.#openHelper()
    try {
      return await this.#publishWith(helper)
    } catch (error) {
      // It may be at work yet, and hold what has to be cleaned up.
      if (helper) await database.cancel(helper).catch(() => {})
      throw error
    }
  }

  async #publishWith(helper: Session | undefined): Promise<Receipt> {
    const { command, settings, session, source, watch, opening, mapping } = this.#parts
    const repeats = new Repeats(this.#plan.run, mapping.key)
    const duplicates = await repeats.find(helper ? [session, helper] : [session], settings.duplicates)
    if (duplicates > 0 && settings.duplicates === 'error')
      throw await repeats.firstError(session, this.#locator)

    const publication = new Publication({
      session,
      helper,
      run: this.#plan.run,
      settings,
      header: opening.columns,
      file: source.name,
      mayMake: mayMake(command),
      repeats,
      locator: this.#locator,
      entering: (phase) => this.#enter(phase),
    })
    const { rows, aggregates } = await publication.publish(async (published) => {
      const balanced = toRows(this.#read, this.#rejected, duplicates, published.rows)
      checkBalance(balanced)
      await this.#ledger.complete({ rows: balanced, aggregates: published.aggregates, seconds: watch.read() })
    })
    const seconds = watch.read()
    // It is done and visible: what is left over, the next run sweeps up.
    await this.#ledger.clean(seconds).catch(() => {})
    return this.#receipt(toRows(this.#read, this.#rejected, duplicates, rows), aggregates, seconds)
  }

  /**
   * Ends a run that cannot go on. The clean-up must not hide why.
   * @returns the error to report, which knows the run and how far it came
   */
  async abandon(cause: unknown): Promise<unknown> {
    const { pool, watch } = this.#parts
    await pool.terminate()
    const error = cause instanceof DasyError ? cause : internal(cause)
    const rows: Partial<Rows> = { read: this.#read, rejected: this.#rejected }
    Object.assign(error.details, { run: this.#plan.run, rows })
    const { code, message, hint } = error
    const ending: Ending = { rows, aggregates: null, seconds: watch.read(), error: { code, message, hint } }
    await this.#ledger.abandon(outcomeOf(code), ending).catch(() => {})
    return error
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#locator.close()
    await this.#ledger.close().catch(() => {})
  }

  async #openHelper(): Promise<Session | undefined> {
    const { database, pool } = this.#parts
    const worthIt = pool.size > 1 && this.#read >= WORTH_A_HELPER
    return worthIt ? await Session.open(database.connection, 'dasy helper') : undefined
  }

  #enter(phase: Phase, totalBytes?: number): void {
    this.#parts.watch.enter(phase)
    this.#progress.phase?.(phase, totalBytes)
  }

  #receipt(rows: Rows, aggregates: readonly AggregateReceipt[], seconds: Receipt['seconds']): Receipt {
    const { command, settings, source, pool } = this.#parts
    return {
      run: this.#plan.run,
      command,
      status: 'completed',
      source: source.name,
      table: displayName(settings.table),
      key: settings.key,
      bytes: source.size ?? null,
      workers: pool.size,
      rows,
      aggregates,
      seconds,
    }
  }
}

function outcomeOf(code: string): 'failed' | 'interrupted' | 'rejected' {
  if (code === 'INTERRUPTED') return 'interrupted'
  return code === 'TOO_MANY_REJECTS' ? 'rejected' : 'failed'
}

function internal(error: unknown): DasyError {
  const { message, stack } = error as Error
  return new DasyError('INTERNAL', message, {
    hint: 'This is a fault in dasy: please report it.',
    details: { stack },
    cause: error,
  })
}
