import { count } from '../base/count.js'
import { DasyError, EXIT } from '../base/errors.js'
import type { Target } from '../catalog/target.js'
import type { SyncSettings } from '../contract/settings.js'
import { displayName } from '../contract/table-name.js'
import { exceeds } from '../contract/values.js'
import { expression, type Fragment, ident, list, sql, statement } from '../db/sql.js'
import { requireCondition } from '../script/condition.js'
import type { Classified } from './classified.js'
import { noteCascades } from './references.js'
import type { MergeContext } from './strategy.js'

/** What --sync deletes: the rows of the table that the sources do not have. */
export class Deletions {
  readonly #context: MergeContext
  readonly #target: Target
  readonly #sync: SyncSettings
  readonly #condition: Fragment

  constructor(context: MergeContext, target: Target, sync: SyncSettings) {
    this.#context = context
    this.#target = target
    this.#sync = sync
    this.#condition = sync.where === undefined ? sql`true` : expression(sync.where)
  }

  /** @throws DasyError BAD_OPTION: the condition of --sync-where */
  async check(): Promise<void> {
    const { session, target } = this.#context
    const { where } = this.#sync
    if (where !== undefined) await requireCondition(session, '--sync-where', where, target)
  }

  /**
   * The rows of the table as `t`. With a condition they have one more column that says whether it holds. That query has no
   * alias and no other table: the user's condition sees the table by its own name, and nothing of dasy.
   */
  get rows(): Fragment {
    const { target } = this.#context
    if (this.#sync.where === undefined) return target
    return sql`(SELECT ctid, tableoid, *, ${this.#condition} AS ${this.#inScope} FROM ${target})`
  }

  /** A condition: a row `t` that the sources do not have is to be deleted. */
  get isDeleted(): Fragment {
    const { mapping } = this.#context
    const key = hasKey(mapping.key.map((column) => sql`t.${ident(column.target)}`))
    return this.#sync.where === undefined ? key : sql`(t.${this.#inScope} AND ${key})`
  }

  /** @throws DasyError TOO_MANY_DELETES */
  async checkLimit(set: Classified): Promise<void> {
    await this.#checkScope(set)
    await noteCascades(this.#context, this.#target, set)
  }

  /** A name that no column of the table has. */
  get #inScope(): Fragment {
    let name = 'in_scope'
    while (this.#target.columns.some((column) => column.name === name)) name += '_'
    return ident(name)
  }

  /** Compares the deletions with the limit, and notes the rows that are kept because they have no key. */
  async #checkScope({ counts: { deleted, new: added } }: Classified): Promise<void> {
    const { ledger, winners } = this.#context
    const { maxDeletes } = this.#sync
    const hasKeys =
      !this.#target.hasChildren && this.#context.mapping.key.every(({ stored }) => stored.notNull)
    if (hasKeys && deleted === 0) return
    // Without a condition each row of the table is either in the sources or to be deleted.
    const isAll = hasKeys && this.#sync.where === undefined
    const scope = isAll ? winners.count - added + deleted : await this.#countScope()
    if (deleted === 0) return
    const { read } = await ledger.totals()
    if (read === 0 && maxDeletes.percent !== 100) this.#refuse(this.#noRecord(deleted))
    else if (exceeds(maxDeletes, deleted, scope)) this.#refuse(this.#tooMany(deleted, scope))
  }

  /** Counts the rows that may be deleted, and notes those that have no key. */
  async #countScope(): Promise<number> {
    const { session, target, mapping, settings, events } = this.#context
    const text = statement('merge/count_scope', {
      has_key: hasKey(mapping.key.map((key) => ident(key.target))),
      target,
      condition: this.#condition,
    })
    const row = await session.row<{ scope: number; keyless: number }>(text)
    const { scope, keyless } = row as { scope: number; keyless: number }
    if (keyless > 0) {
      const rows = `${count(keyless)} ${keyless === 1 ? 'row' : 'rows'} of ${displayName(settings.table)}`
      events.note(
        `${rows} with NULL in the key ${keyless === 1 ? 'stays' : 'stay'}: --sync deletes none of them`,
      )
    }
    return scope
  }

  #refuse(error: DasyError): void {
    const { refuse } = this.#context
    if (!refuse) throw error
    refuse(error)
  }

  #tooMany(deleted: number, scope: number): DasyError {
    const { count: most, percent } = this.#sync.maxDeletes
    const limit = percent === undefined ? count(most ?? 0) : `${percent}%`
    const many = `${count(deleted)} of ${count(scope)} rows are not in the file and would be deleted`
    return this.#refusal(`${many}, ${limit} are allowed`, deleted, `${deleted}`)
  }

  #noRecord(deleted: number): DasyError {
    const rows = deleted === 1 ? '1 row' : `all ${count(deleted)} rows`
    return this.#refusal(`the file has no record, and ${rows} would be deleted`, deleted, '100%')
  }

  #refusal(what: string, deleted: number, needed: string): DasyError {
    const { run } = this.#context
    return new DasyError('TOO_MANY_DELETES', `${what}; the table is as it was`, {
      hint: `If that is right: dasy resume ${run} --max-deletes ${needed}`,
      exitStatus: EXIT.rejected,
      details: { run, deleted },
    })
  }
}

/** A condition: no column of the key is NULL. (IS NOT NULL looks into composite values.) */
function hasKey(columns: readonly Fragment[]): Fragment {
  const given = columns.map((column) => sql`${column} IS DISTINCT FROM NULL`)
  return sql`(${list(given, ' AND ')})`
}
