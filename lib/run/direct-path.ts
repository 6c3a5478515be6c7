import { DasyError } from '../base/errors.js'
import { allowsDirectPath, otherTransactions } from '../catalog/direct-path.js'
import type { Target } from '../catalog/target.js'
import type { TableName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { sql } from '../db/sql.js'
import type { DirectlyStaged } from '../judge/context.js'
import { keysToScan } from '../judge/key-bytes.js'
import { StageAgain } from '../judge/stage-again.js'
import { Staging, stagedColumn } from '../ledger/staging.js'
import { stageBelated } from '../load/belated.js'
import type { WorkerPool } from '../load/pool.js'
import type { Column, Mapping } from '../mapping/columns.js'
import { isEmptyAsMade } from '../merge/as-made.js'
import { isKeyNameShort } from '../merge/staging-as-table.js'
import type { LoadPlan } from '../ranges/load-plan.js'
import { LocatedKeys, type Revised } from '../ranges/located-keys.js'
import { MissingRanges } from '../ranges/missing-ranges.js'
import type { Range } from '../ranges/range.js'
import { sizeOf } from '../ranges/sources.js'
import type { LoadConnection } from './connection.js'
import type { LoadTask } from './load.js'
import type { Preflight } from './preflight.js'
import type { AttemptContext } from './run-context.js'
import { copyRanges, endStaging } from './stage.js'

/** Bytes of all sources. A smaller load gains too little; a larger one would lose too much if it stopped: it stages again. */
const [LEAST, MOST] = [4 * 1024 * 1024, 1024 * 1024 * 1024]

/** The names of the table's columns: in their order, and in that of the fields. */
interface Columns {
  readonly inTable: readonly string[]
  readonly byField: readonly string[]
}

/**
 * The direct path: into a table that the load makes, of texts only, rows are staged in the form of the table, and then the
 * staging table becomes the table, so that no row is written twice ("direct path load", as other databases call it). All keys
 * are read before the first record is staged: records that lose to another one with the same key are omitted.
 *
 * If what was staged cannot become the table after all, the next attempt stages as usual (`StageAgain`).
 */
export class DirectPath {
  readonly #context: AttemptContext
  readonly #pool: WorkerPool
  readonly #columns: Columns
  readonly #keys: LocatedKeys
  readonly #ranges: readonly Range[]

  private constructor(
    context: AttemptContext,
    pool: WorkerPool,
    columns: Columns,
    keys: LocatedKeys,
    ranges: readonly Range[],
  ) {
    this.#context = context
    this.#pool = pool
    this.#columns = columns
    this.#keys = keys
    this.#ranges = ranges
  }

  /** Reads all keys. @returns undefined if the load has to be staged as usual */
  static async open(
    context: AttemptContext,
    task: LoadTask,
    checked: Preflight,
    { pool, cancellation }: LoadConnection,
  ): Promise<DirectPath | undefined> {
    const [first] = checked.sources
    const columns = columnsOf(checked.mapping, first?.opening.columns ?? [])
    if (!columns || !isPossible(context, task)) return undefined
    if (!(await isAllowed(context.session, checked.target, context.settings.table))) return undefined
    const keys = keysToScan(checked.sources, checked.mapping.key, LocatedKeys)
    if (!keys) return undefined
    try {
      const ranges = await scanAll(context, keys, pool.size, () => cancellation.check())
      if (ranges) return new DirectPath(context, pool, columns, keys, ranges)
    } catch (error) {
      keys.close()
      if (!(error instanceof DasyError && error.code === 'TEMPORARY_FILE_FAILED')) throw error
    }
    keys.close()
    return undefined
  }

  /** @throws StageAgain, and what the workers throw */
  async stage(): Promise<DirectlyStaged> {
    const { session, ledger, events, settings, plan } = this.#context
    await this.#create()
    await ledger.enter('staging')
    events.emit({ type: 'resumed', bytes: 0, records: 0 })
    const ranges = { plan: { ...plan, direct: this.#columns.byField }, ranges: this.#ranges }
    let isSalvaged = false
    await copyRanges(this.#context, this.#pool, ranges, (range, loaded) => {
      this.#keys.staged(range, loaded.rejectedRecords)
      isSalvaged ||= loaded.isSalvaged ?? false
    })
    await endStaging(this.#context, this.#pool)
    const revised = this.#keys.revise(settings.policy.duplicates === 'last')
    if (!revised || !(await this.#stageMissing(revised, ranges.plan))) throw new StageAgain()
    return {
      columns: this.#columns.inTable,
      duplicates: revised.duplicates,
      others: await otherTransactions(session),
      isSalvaged: isSalvaged || revised.missing.length > 0,
    }
  }

  close(): void {
    this.#keys.close()
  }

  /** @returns whether COPY accepts them */
  async #stageMissing({ missing }: Revised, plan: LoadPlan): Promise<boolean> {
    return missing.length === 0 || (await stageBelated(this.#context.session, plan, missing))
  }

  async #create(): Promise<void> {
    const { session, run } = this.#context
    const { inTable } = this.#columns
    await new Staging(session, run, inTable.length, this.#pool.size).createDirect(inTable)
  }
}

/** The columns, if each is a field of the file as it is, and no field is left out. */
function columnsOf({ columns, newTable }: Mapping, fields: readonly string[]): Columns | undefined {
  if (columns.length !== fields.length || newTable.length !== fields.length) return undefined
  const byField = fields.map((field, index) =>
    columns.find((column) => column.source === field && isUnchanged(column, index + 1)),
  )
  if (byField.includes(undefined)) return undefined
  return { inTable: newTable, byField: byField.map((column) => (column as Column).target) }
}

function isUnchanged({ kind, stored, value, added }: Column, field: number): boolean {
  const isText = stored.text && stored.type === 'text' && !added
  return kind === 'field' && isText && value.sql === sql`s.${stagedColumn(field)}`.sql
}

/** Whether the load is one that only makes a table, with sources that can be read twice at the same time. */
function isPossible({ session, ledger, settings, sources, plan }: AttemptContext, task: LoadTask): boolean {
  const { mapping, policy, hooks } = settings
  const bytes = sizeOf(sources.map(({ source }) => source)) ?? 0
  return (
    task.command === 'ingest' &&
    (task.mode ?? 'load') === 'load' &&
    ledger.isNew &&
    session.isUtf8 &&
    !mapping.infer &&
    policy.duplicates !== 'error' &&
    policy.sync === undefined &&
    hooks.before.length + hooks.after.length === 0 &&
    bytes >= LEAST &&
    bytes <= MOST &&
    sources.every(({ source }) => source.location !== undefined && source.repeatable) &&
    plan.sources.every(({ surplus }) => surplus === 0)
  )
}

/** Whether the table is not there, or is empty and exactly as it was made, and nobody could see how it was filled. */
async function isAllowed(session: Session, target: Target | undefined, table: TableName): Promise<boolean> {
  if (!isKeyNameShort(table.name) || !(await allowsDirectPath(session))) return false
  return target === undefined || (await isEmptyAsMade(session, target))
}

/**
 * Scans all sources.
 * @param check throws if the load is to stop
 * @returns the ranges, with the records that are left out; undefined if the scan cannot tell these
 * @throws DasyError TEMPORARY_FILE_FAILED, and those of the sources
 */
async function scanAll(
  { sources, settings }: AttemptContext,
  keys: LocatedKeys,
  workers: number,
  check: () => void,
): Promise<Range[] | undefined> {
  const { rangeSize } = settings.tuning
  const ranges: Range[] = []
  for await (const range of new MissingRanges(sources, [], [], { workers, rangeSize, keys })) {
    check()
    ranges.push(range)
  }
  const leftOut = keys.leftOut(settings.policy.duplicates === 'last')
  const isKnown = ranges.every(
    (range) => range.records === 0 || leftOut?.(range)?.bytes === range.end - range.start,
  )
  if (!leftOut || !isKnown) return undefined
  return ranges.map((range) => {
    const { omitted = NONE, keyless = NONE } = leftOut(range) ?? {}
    return { ...range, ...(omitted.length > 0 && { omitted }), ...(keyless.length > 0 && { keyless }) }
  })
}

const NONE = new Int32Array(0)
