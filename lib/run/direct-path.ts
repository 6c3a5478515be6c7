import { productsAggregate } from '../aggregate/plan.js'
import { DasyError } from '../base/errors.js'
import { currentSchema, otherTransactions, takenConstraints } from '../catalog/direct-path.js'
import type { Target } from '../catalog/target.js'
import type { DirectlyStaged } from '../judge/context.js'
import { keysToScan } from '../judge/key-bytes.js'
import { StageAgain } from '../judge/stage-again.js'
import { stageBelated } from '../load/belated.js'
import type { WorkerPool } from '../load/pool.js'
import { isMistyped } from '../load/refusal.js'
import { notNullName } from '../merge/staging-as-table.js'
import type { StagedRange } from '../ranges/gaps.js'
import { GroupCounter } from '../ranges/group-counter.js'
import type { LoadPlan } from '../ranges/load-plan.js'
import { LocatedKeys, type Revised } from '../ranges/located-keys.js'
import type { Range } from '../ranges/range.js'
import type { LoadConnection } from './connection.js'
import { rangesBefore, stagingOf } from './direct-before.js'
import { type DirectColumns, directColumns, isAllowed, isPossible } from './direct-conditions.js'
import { missingOf, scanAll } from './direct-ranges.js'
import type { LoadTask } from './load.js'
import type { Preflight } from './preflight.js'
import type { AttemptContext } from './run-context.js'
import { copyRanges, endStaging, requireUnchanged } from './stage.js'

/** What is to be staged on the direct path. */
interface DirectWork {
  /** The table that is to be replaced, if there is one. */
  readonly target: Target | undefined
  readonly columns: DirectColumns
  readonly keys: LocatedKeys
  /** The ranges to stage. */
  readonly ranges: readonly Range[]
  /** Those that an earlier attempt has staged. */
  readonly before: readonly StagedRange[]
}

/**
 * The direct path: into a table that the load makes, of texts with a key of texts or integers, rows are staged in the form of the
 * table, and then the staging table becomes the table, so that no row is written twice ("direct path load", as other databases call
 * it). All keys are read before the first record is staged: records that lose to another one with the same key are omitted.
 *
 * If what was staged cannot become the table after all, the next attempt stages as usual (`StageAgain`).
 */
export class DirectPath {
  readonly #context: AttemptContext
  readonly #pool: WorkerPool
  readonly #work: DirectWork

  private constructor(context: AttemptContext, pool: WorkerPool, work: DirectWork) {
    this.#context = context
    this.#pool = pool
    this.#work = work
  }

  /**
   * Reads all keys, and creates the staging table or finds what an earlier attempt has staged.
   * @returns undefined if the load has to be staged as usual
   * @throws StageAgain, and the errors of the sources
   */
  static async open(
    context: AttemptContext,
    task: LoadTask,
    checked: Preflight,
    { pool, cancellation }: LoadConnection,
  ): Promise<DirectPath | undefined> {
    const { session, settings, sources } = context
    const columns = directColumns(checked, sources[0]?.opening.columns ?? [])
    if (!columns || !isPossible(context, task)) return undefined
    const { target } = checked
    if (!(await isAllowed(session, target, settings.table))) return undefined
    const before = await rangesBefore(context, columns.inTable)
    const keys = before && keysToScan(sources, checked.mapping.key, LocatedKeys)
    if (!keys) return undefined
    // What was staged before is not counted.
    if (before.length === 0) countGroups(context, columns, keys)
    try {
      const scanning = { workers: pool.size, before, check: () => cancellation.check() }
      const all = await scanAll(context, keys, scanning)
      const ranges = all && (await missingOf(context, keys, all, before))
      if (!ranges) keys.close()
      return ranges && new DirectPath(context, pool, { target, columns, keys, ranges, before })
    } catch (error) {
      keys.close()
      if (lacksTemporaryFile(error)) return undefined
      throw error
    }
  }

  /** @throws StageAgain, and what the workers throw */
  async stage(): Promise<DirectlyStaged> {
    try {
      return await this.#stage()
    } catch (error) {
      // As a text it can be staged, and is rejected with its reason.
      throw isMistyped(error) ? new StageAgain() : error
    }
  }

  close(): void {
    this.#work.keys.close()
  }

  async #stage(): Promise<DirectlyStaged> {
    const { session, sources, plan } = this.#context
    const { columns, keys, before } = this.#work
    const isResumed = before.length > 0
    if (!isResumed) await this.#createStaging()
    const direct = { ...plan, direct: columns.byField }
    const isSalvaged = await this.#copy(direct)
    await endStaging(this.#context, this.#pool)

    const { duplicates, missing } = this.#revise()
    // An earlier attempt may have staged some of them.
    if (missing.length > 0 && (isResumed || !(await stageBelated(session, direct, missing))))
      throw new StageAgain()
    // Some records were read again.
    await requireUnchanged(sources)
    return {
      columns: columns.inTable,
      duplicates,
      others: await otherTransactions(session),
      isSalvaged: isSalvaged || isResumed || missing.length > 0,
      groups: keys.groups,
    }
  }

  async #createStaging(): Promise<void> {
    const { session, settings } = this.#context
    const { target, columns } = this.#work
    const { schema = await currentSchema(session), name } = settings.table
    const notNull = new Map(columns.key.map((column) => [column, notNullName(name, column)]))
    const names = [...notNull.values()].filter((each) => each !== undefined)
    const taken = await takenConstraints(session, schema, names, target?.oid)
    const nameOf = (column: string) => {
      const wanted = notNull.get(column)
      return wanted !== undefined && taken.includes(wanted) ? undefined : wanted
    }
    const staged = columns.inTable.map((column) => ({
      name: column,
      type: columns.types.get(column) ?? 'text',
      notNull: nameOf(column),
    }))
    await stagingOf(this.#context).createDirect(staged)
  }

  /** @throws StageAgain if the keys do not tell what the rejects have changed */
  #revise(): Revised {
    const { policy } = this.#context.settings
    try {
      const revised = this.#work.keys.revise(policy.duplicates === 'last')
      if (revised) return revised
    } catch (error) {
      if (!lacksTemporaryFile(error)) throw error
    }
    throw new StageAgain()
  }

  /** @returns whether rows were written in subtransactions */
  async #copy(plan: LoadPlan): Promise<boolean> {
    const { ledger, events } = this.#context
    const { keys, ranges, before } = this.#work
    if (ranges.length === 0) return false
    await ledger.enter('staging')
    const bytes = before.reduce((sum, { start, end }) => sum + end - start, 0)
    events.emit({ type: 'resumed', bytes, records: bytes === 0 ? 0 : (await ledger.totals()).read })
    let isSalvaged = false
    await copyRanges(this.#context, this.#pool, { plan, ranges }, (range, loaded) => {
      keys.staged(range, loaded.rejectedRecords)
      isSalvaged ||= loaded.isSalvaged ?? false
    })
    return isSalvaged
  }
}

/** Counts the groups of the table's aggregate, if it has one, while the keys are read. */
function countGroups(
  { settings, plan }: AttemptContext,
  { inTable, byField, types }: DirectColumns,
  keys: LocatedKeys,
): void {
  const aggregate = productsAggregate(settings.table.name, inTable)
  // Numbers are not counted by their texts.
  if (aggregate && !types.has(aggregate.column))
    keys.count(GroupCounter.of(plan.sources, byField.indexOf(aggregate.column) + 1))
}

/** Keys that have no room in memory cannot be compared then; the database can. */
function lacksTemporaryFile(error: unknown): boolean {
  return error instanceof DasyError && error.code === 'TEMPORARY_FILE_FAILED'
}
