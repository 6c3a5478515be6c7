import type { DasyError } from '../base/errors.js'
import type { Target } from '../catalog/target.js'
import { sqlState } from '../db/failures.js'
import { type ChangeSet, setsOf } from '../history/change-set.js'
import { Inverse } from '../history/inverse.js'
import type { Relation } from '../history/relation.js'
import type { InverseCounts, RefusedChange, TakingBack } from '../history/taking-back.js'
import { withTextSettings } from '../history/value-text.js'
import type { ChangeWriter } from '../merge/change-writer.js'
import { Classified } from '../merge/classified.js'
import { updateAggregates } from '../merge/classified-aggregates.js'
import { noteCascades } from '../merge/references.js'
import { RowsRefused } from '../merge/refused-rows.js'
import type { MergedAggregates, MergeResult } from '../merge/strategy.js'
import type { TableAggregates } from '../merge/table-aggregates.js'
import { areBetterLookedUp } from '../merge/target-row.js'
import type { Written } from '../merge/write.js'
import type { ChangeContext, ChangeStrategy } from './change-task.js'
import { Conflicts, MOST_LISTED, undoConflicts } from './conflicts.js'

/** The table refuses the rows that would restore these changes. */
export class ChangesRefused extends Error {
  constructor(readonly refused: readonly RefusedChange[]) {
    super(`${refused.length} rows are refused`)
  }
}

interface UndoParts {
  /** The set of the run that is taken back, and its table; undefined if it changed nothing. */
  readonly set: ChangeSet | undefined
  readonly relation: Relation | undefined
  readonly inverse: TakingBack | undefined
  readonly target: Target
  readonly aggregates: TableAggregates
  readonly writer: ChangeWriter
  readonly isRowByRow: boolean
  readonly refused: readonly RefusedChange[]
  readonly skipConflicts: boolean
}

/** Takes back the changes of a run. */
export class Undo implements ChangeStrategy {
  readonly read: number
  readonly #context: ChangeContext
  readonly #parts: UndoParts
  #result: { readonly set: Classified; readonly written: Written } | undefined

  constructor(context: ChangeContext, parts: UndoParts) {
    const { inserted, updated, deleted } = parts.set ?? { inserted: 0, updated: 0, deleted: 0 }
    this.#context = context
    this.#parts = parts
    this.read = inserted + updated + deleted
  }

  async write(): Promise<MergeResult> {
    const { session, events } = this.#context
    const { inverse, target } = this.#parts
    if (!inverse) return { inserted: 0, updated: 0, deleted: 0, unchanged: 0, skipped: 0 }
    const { counts, refusal } = await withTextSettings(session, () => this.#make(inverse))
    const skipped = counts.conflicts + counts.unaccounted
    if (inverse.dropped.length > 0) events.noteOnce(goneColumns(inverse.dropped))

    const set = this.#classified(inverse, counts)
    await noteCascades(this.#context, target, set)
    const written = await this.#write(inverse, set).catch((error) => {
      throw refusal && isOfOthers(error) ? refusal : error
    })
    if (refusal) throw refusal
    this.#result = { set, written }
    const { inserted, updated, deleted } = written
    const unchanged = this.read - inserted - updated - deleted - skipped
    return { inserted, updated, deleted, unchanged, skipped }
  }

  async target(): Promise<Target> {
    return this.#parts.target
  }

  async aggregate(): Promise<MergedAggregates> {
    const { aggregates } = this.#parts
    if (!this.#result) return { aggregates: await aggregates.update(async () => {}), isAnalyzed: false }
    const { set, written } = this.#result
    return await updateAggregates(this.#context.session, aggregates, set, written)
  }

  async close(): Promise<void> {
    await this.#parts.inverse?.drop()
  }

  /**
   * @returns refusal: the error to throw once the rows without conflicts were tried, because the table may refuse some of them
   * @throws DasyError UNDO_CONFLICTS
   */
  async #make(inverse: TakingBack): Promise<{ counts: InverseCounts; refusal: DasyError | undefined }> {
    const { aggregates, target, isRowByRow, refused, skipConflicts } = this.#parts
    const counts = await inverse.make({
      counted: aggregates.computable.map(({ column }) => column),
      isOrdered: isRowByRow,
      refused,
      looksUp: await areBetterLookedUp(this.#context.session, target, this.read),
    })
    const found = counts.conflicts + counts.unaccounted
    const refusal = found > 0 && !skipConflicts ? await this.#refusal(inverse, found) : undefined
    // Rows that are deleted cannot be refused, and refused rows were looked for among all.
    if (refusal && (counts.inserts + counts.updates === 0 || refused.length > 0)) throw refusal
    if (counts.conflicts > 0) await inverse.skipConflicts()
    return { counts, refusal }
  }

  async #refusal(inverse: TakingBack, found: number): Promise<DasyError> {
    const { session, run } = this.#context
    const { set, relation } = this.#parts as { set: ChangeSet; relation: Relation }
    const conflicts = new Conflicts(session, set, relation, await setsOf(session, relation.oid))
    const listed = []
    for (const conflict of await inverse.conflicts(MOST_LISTED))
      listed.push(await conflicts.describe(conflict))
    return undoConflicts(set, run, found, listed)
  }

  #classified(
    { table, key, columns }: TakingBack,
    { inserts, updates, deletes, moved }: InverseCounts,
  ): Classified {
    return new Classified({
      table,
      columns: columns.map((column) => ({ target: column.name, key: key.includes(column) })),
      key: key.map(({ name }) => name),
      aggregates: this.#parts.aggregates.computable,
      counts: { new: inserts, changed: updates, deleted: deletes, moved },
      hasDeletes: true,
      hasLocations: true,
    })
  }

  /** @throws ChangesRefused */
  async #write(inverse: TakingBack, set: Classified): Promise<Written> {
    try {
      return await this.#parts.writer.write(set)
    } catch (error) {
      if (!(error instanceof RowsRefused && inverse instanceof Inverse)) throw error
      throw new ChangesRefused(await inverse.refused(error.rows))
    }
  }
}

/** Whether a write failed by other tables, or by code of the user's: that says nothing about single rows. */
function isOfOthers(error: unknown): boolean {
  const { code } = error as Partial<DasyError>
  return code === 'STILL_REFERENCED' || /^P0/.test(sqlState(error) ?? '')
}

function goneColumns(dropped: readonly string[]): string {
  const [what, are] = dropped.length === 1 ? ['column', 'is'] : ['columns', 'are']
  return `the ${what} ${dropped.join(', ')} of this run ${are} gone: values there are not restored`
}
