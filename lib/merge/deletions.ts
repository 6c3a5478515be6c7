import type { Aggregate } from '../aggregate/aggregate.js'
import { count } from '../base/count.js'
import { DasyError, EXIT } from '../base/errors.js'
import type { Target } from '../catalog/target.js'
import type { SyncSettings } from '../contract/settings.js'
import { displayName } from '../contract/table-name.js'
import { exceeds } from '../contract/values.js'
import { withoutLoops } from '../db/join-plans.js'
import { expression, type Fragment, fromCatalog, ident, list, query, sql, statement } from '../db/sql.js'
import { stagingTable } from '../ledger/staging.js'
import type { Column } from '../mapping/columns.js'
import { requireCondition } from '../script/condition.js'
import { type Classified, oldName, valueName } from './classified.js'
import { noteCascades } from './references.js'
import type { MergeContext } from './strategy.js'

/** What --sync deletes: the rows of the table that the sources do not have. */
export class Deletions {
  readonly #context: MergeContext
  readonly #target: Target
  readonly #aggregates: readonly Aggregate[]
  readonly #sync: SyncSettings
  readonly #condition: Fragment

  constructor(context: MergeContext, target: Target, aggregates: readonly Aggregate[], sync: SyncSettings) {
    this.#context = context
    this.#target = target
    this.#aggregates = aggregates
    this.#sync = sync
    this.#condition = sync.where === undefined ? sql`true` : expression(sync.where)
  }

  /**
   * Adds them to what is classified.
   * @param rest how many columns have no column of their own in the table of classified rows, but share `rest`
   * @throws DasyError TOO_MANY_DELETES, BAD_OPTION
   */
  async addTo(classified: Classified, rest: number): Promise<Classified> {
    const { session, target } = this.#context
    const { where } = this.#sync
    if (where !== undefined) await requireCondition(session, '--sync-where', where, target)
    const deleted = await withoutLoops(session, async () => {
      // The planner would like to read the table in the order of its key, and sort all staged records for it.
      await session.run(query`SET LOCAL enable_mergejoin = off`)
      return await session.run(this.#find(classified, rest))
    })
    await this.#checkScope(deleted)
    const set = classified.with({ deleted })
    await noteCascades(this.#context, this.#target, set)
    return set
  }

  #find({ table, columns, hasLocations }: Classified, rest: number): string {
    const { run, target, mapping } = this.#context
    const listed = columns.length - rest
    const keyAt = (index: number): number => mapping.key.indexOf(mapping.columns[index] as Column)
    const given: [Fragment, Fragment][] = [
      [sql`place`, sql`t.place`],
      [sql`op`, sql`CAST('d' AS "char")`],
    ]
    if (hasLocations) given.push([sql`found_in`, sql`t.found_in`])
    for (const index of mapping.columns.keys())
      if (index < listed && keyAt(index) >= 0) given.push([valueName(index), sql`t.${keyName(keyAt(index))}`])
    if (rest > 0) {
      const texts = mapping.columns
        .slice(listed)
        .map((_, index) => keyAt(listed + index))
        .map((at) => (at < 0 ? sql`NULL` : sql`CAST(t.${keyName(at)} AS text)`))
      given.push([sql`rest`, sql`ARRAY[${list(texts)}]::text[]`])
    }
    for (const index of this.#aggregates.keys()) given.push([oldName(index), sql`t.${oldName(index)}`])
    return statement('merge/find_gone', {
      classified: table,
      columns: list(given.map(([column]) => column)),
      values: list(given.map(([, value]) => value)),
      named: list([
        ...mapping.key.map((key, index) => sql`${ident(key.target)} AS ${keyName(index)}`),
        ...this.#aggregates.map(({ column }, index) => sql`${ident(column)} AS ${oldName(index)}`),
      ]),
      target,
      condition: this.#condition,
      has_key: hasKey(mapping.key.map((_, index) => sql`t.${keyName(index)}`)),
      staging: stagingTable(run),
      same_key: list(
        mapping.key.map(({ value }, index) => sql`t.${keyName(index)} = ${value}`),
        ' AND ',
      ),
    })
  }

  /** Compares the deletions with the limit, and notes the rows that are kept because they have no key. */
  async #checkScope(deleted: number): Promise<void> {
    const { session, target, mapping, settings, ledger, events } = this.#context
    const { maxDeletes } = this.#sync
    const hasKeys = !this.#target.hasChildren && mapping.key.every(({ stored }) => stored.notNull)
    if (hasKeys && deleted === 0) return
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
    if (deleted === 0) return
    const { read } = await ledger.totals()
    if (read === 0 && maxDeletes.percent !== 100) this.#refuse(this.#noRecord(deleted))
    else if (exceeds(maxDeletes, deleted, scope)) this.#refuse(this.#tooMany(deleted, scope))
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

function keyName(index: number): Fragment {
  return fromCatalog(`k${index + 1}`)
}
