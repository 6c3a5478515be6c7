import { refuseForeignCode } from '../catalog/foreign-code.js'
import { requireTarget, type Target } from '../catalog/target.js'
import type { TuningSettings } from '../contract/settings.js'
import type { TableName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { expression, type Fragment, ident, list, number, query, sql, statement } from '../db/sql.js'
import { lastSetOf } from '../history/change-set.js'
import { keyOf } from '../history/table-key.js'
import { storedColumns } from '../history/value-text.js'
import type { StoredRun } from '../ledger/stored-run.js'
import { ChangeWriter } from '../merge/change-writer.js'
import { Classified, oldName, valueName } from '../merge/classified.js'
import { updateAggregates } from '../merge/classified-aggregates.js'
import { lockForWriting } from '../merge/locked-target.js'
import { addCascaded, noteCascades } from '../merge/references.js'
import type { MergedAggregates, MergeResult } from '../merge/strategy.js'
import { TableAggregates } from '../merge/table-aggregates.js'
import type { Written } from '../merge/write.js'
import { requireCondition } from '../script/condition.js'
import type { ChangeContext, ChangeStrategy, ChangeTask } from './change-task.js'

/** Which rows are deleted. */
interface Purged {
  readonly table: TableName
  /** An expression of the user; undefined: all. */
  readonly where?: string | undefined
}

interface HowToPurge {
  /** The run to resume. */
  readonly run?: number | undefined
  /** How long it waits for what others have locked; by default until it has that. */
  readonly lockSeconds?: number | undefined
}

export function purgeTask(
  purged: Purged,
  tuning: TuningSettings,
  { run, lockSeconds }: HowToPurge = {},
): ChangeTask {
  const { table } = purged
  return {
    command: 'purge',
    table,
    options: purged,
    tuning,
    run,
    async prepare(session) {
      // Of the whole session, which is this run's alone: rows may be locked as well.
      if (lockSeconds !== undefined)
        await session.run(query`SET lock_timeout = ${number(Math.ceil(1000 * lockSeconds))}`)
      const target = await requireTarget(session, table)
      if (!tuning.trustOwner) await refuseForeignCode(session, target)
      return await checked(session, purged, target)
    },
    async choose(context) {
      const found = await requireTarget(context.session, table)
      const { session, trustOwner } = context
      const target = await lockForWriting(session, { table, tuning: { trustOwner } }, found)
      const key = await checked(session, purged, target)
      const aggregates = await TableAggregates.begin(context, target, {
        requested: [],
        columns: target.columns.map(({ name }) => name),
        mayDelete: true,
      })
      return new Purge(context, purged, { target, key, aggregates })
    },
  }
}

/** The task of a run that stopped. */
export function storedPurge({ run, options }: StoredRun, tuning: TuningSettings): ChangeTask {
  return purgeTask(options as Purged, tuning, { run })
}

/** @returns the columns of the key @throws DasyError BAD_OPTION, NO_KEY */
async function checked(session: Session, { table, where }: Purged, target: Target): Promise<string[]> {
  const name = ident(target.schema, target.name)
  if (where !== undefined) await requireCondition(session, '--where', where, name)
  const last = await lastSetOf(session, target.oid)
  const columns = await storedColumns(session, target.oid)
  return keyOf(table, target, last, columns).map((column) => column.name)
}

/** A table that is locked. */
interface Locked {
  readonly target: Target
  readonly key: readonly string[]
  readonly aggregates: TableAggregates
}

/** Deletes rows of a table. */
class Purge implements ChangeStrategy {
  readonly #context: ChangeContext & { readonly target: Fragment }
  readonly #where: Fragment
  readonly #locked: Locked
  readonly #classified: Fragment
  #result: { readonly set: Classified; readonly written: Written } | undefined

  constructor(context: ChangeContext, { where }: Purged, locked: Locked) {
    const { schema, name } = locked.target
    this.#context = { ...context, target: ident(schema, name) }
    this.#where = where === undefined ? sql`true` : expression(where)
    this.#locked = locked
    this.#classified = ident('dasy', `classified_${context.run}`)
  }

  get read(): number {
    return this.#written.set.counts.deleted
  }

  async write(): Promise<MergeResult> {
    const { target } = this.#locked
    const set = await this.#find()
    await noteCascades(this.#context, target, set)
    const written = await new ChangeWriter(this.#context, target).write(set)
    this.#result = { set, written }
    const { inserted, updated, deleted } = written
    return { inserted, updated, deleted, unchanged: set.counts.deleted - deleted, skipped: 0 }
  }

  async target(): Promise<Target> {
    return this.#locked.target
  }

  async aggregate(): Promise<MergedAggregates> {
    const { set, written } = this.#written
    return await updateAggregates(this.#context.session, this.#locked.aggregates, set, written)
  }

  async close(): Promise<void> {
    await this.#context.session.run(query`DROP TABLE ${this.#classified}`)
  }

  get #written(): { readonly set: Classified; readonly written: Written } {
    if (!this.#result) throw new Error('nothing was written yet')
    return this.#result
  }

  async #find(): Promise<Classified> {
    const { session, target } = this.#context
    const { key, aggregates } = this.#locked
    const { computable } = aggregates
    const keys = key.map((name, index) => sql`${ident(name)} AS ${valueName(index)}`)
    const olds = computable.map(({ column }, index) => sql`${ident(column)} AS ${oldName(index)}`)
    const text = statement('changes/find_purged', {
      classified: this.#classified,
      target,
      values: list([...keys, ...olds]),
      condition: this.#where,
    })
    const deleted = await session.run(text)
    const set = new Classified({
      table: this.#classified,
      columns: key.map((name) => ({ target: name, key: true })),
      key,
      aggregates: computable,
      counts: { new: 0, changed: 0, deleted, moved: computable.map(() => true) },
      hasDeletes: true,
      hasLocations: true,
    })
    if (deleted === 0) return set
    const cascaded = await addCascaded(session, this.#locked.target, set, [
      [sql`place`, sql`r.ctid`],
      [sql`found_in`, sql`r.tableoid`],
      [sql`op`, sql`CAST('d' AS "char")`],
      ...key.map((name, index) => [valueName(index), sql`r.${ident(name)}`] as const),
      ...computable.map(({ column }, index) => [oldName(index), sql`r.${ident(column)}`] as const),
    ])
    return cascaded === 0 ? set : set.with({ deleted: deleted + cascaded })
  }
}
