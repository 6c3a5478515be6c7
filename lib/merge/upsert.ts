import { DasyError } from '../base/errors.js'
import type { Target } from '../catalog/target.js'
import { displayName } from '../contract/table-name.js'
import { Classification } from './classification.js'
import type { Classified } from './classified.js'
import { updateAggregates } from './classified-aggregates.js'
import type { MergeContext, MergedAggregates, MergeResult, MergeStrategy } from './strategy.js'
import type { TableAggregates } from './table-aggregates.js'
import type { Written } from './write.js'

/** What an upsert does with what it has classified. */
export interface SetWriter {
  write(set: Classified): Promise<Written>
}

/** Merges into a table that may have rows: compares every key with it first, then writes only new and changed rows. */
export class Upsert implements MergeStrategy {
  readonly #context: MergeContext
  readonly #target: Target
  readonly #aggregates: Pick<TableAggregates, 'computable' | 'update'>
  readonly #writer: SetWriter
  readonly #classification: Classification
  #result: { readonly set: Classified; readonly written: Written } | undefined

  constructor(
    context: MergeContext,
    target: Target,
    aggregates: Pick<TableAggregates, 'computable' | 'update'>,
    writer: SetWriter,
  ) {
    this.#context = context
    this.#target = target
    this.#aggregates = aggregates
    this.#writer = writer
    this.#classification = new Classification(context, target, aggregates.computable)
  }

  async write(): Promise<MergeResult> {
    const { winners, settings } = this.#context
    const { onConflict } = settings.policy
    const set = await this.#classification.make()
    const existing = winners.count - set.counts.new
    if (onConflict === 'error' && existing > 0) throw await this.#keyExists()

    await this.#classification.checkDeletions(set)
    const written = await this.#writer.write(set)
    this.#result = { set, written }
    const skipsExisting = onConflict === 'skip'
    return {
      inserted: written.inserted,
      updated: written.updated,
      deleted: written.deleted,
      unchanged: skipsExisting ? 0 : existing - written.updated,
      skipped: set.counts.new - written.inserted + (skipsExisting ? existing : 0),
    }
  }

  async target(): Promise<Target> {
    return this.#target
  }

  async aggregate(): Promise<MergedAggregates> {
    if (!this.#result) throw new Error('nothing was written yet')
    const { set, written } = this.#result
    return updateAggregates(this.#context.session, this.#aggregates, set, written)
  }

  /** Removes what the classification left in the schema `dasy`. */
  async close(): Promise<void> {
    await this.#classification.drop()
  }

  async #keyExists(): Promise<DasyError> {
    const { locator, settings, mapping } = this.#context
    const { file, line, byte } = await locator.locate(await this.#classification.firstExisting())
    const key = mapping.key.map((column) => column.target)
    const table = displayName(settings.table)
    return new DasyError(
      'KEY_EXISTS',
      `${file}, line ${line} (byte ${byte}): this key (${key.join(', ')}) exists in ${table} already`,
      { hint: 'Load with --on-conflict update or skip.', details: { file, line, byte, table } },
    )
  }
}
