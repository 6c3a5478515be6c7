import { hasRows, type Target } from '../catalog/target.js'
import type { Session } from '../db/session.js'
import { type Fragment, ident, sql } from '../db/sql.js'
import type { SetColumns, SetCounts, SetKind } from '../history/change-set.js'
import { copyChanges } from '../history/copy-changes.js'
import type { ChangedRows } from '../history/write.js'
import type { Classified } from '../merge/classified.js'
import { Recorder } from '../merge/recorder.js'
import type { WriteContext, Written } from '../merge/write.js'
import { formatDigest, KnownChanges } from './known-changes.js'

/** The set of a write that is rolled back. */
export interface TriedSet {
  readonly kind: SetKind
  readonly columns: SetColumns
  readonly counts: SetCounts
  /** Undefined if the table had no rows. */
  readonly digest: string | undefined
}

/** Another session stores the changes, so that they stay when the write is rolled back. */
export class TrialRecorder extends Recorder {
  readonly #keeper: Session
  #digest: string | undefined
  #set: TriedSet | undefined

  constructor(context: WriteContext, target: Target, keeper: Session) {
    // The places of its records are kept with the plan, because what is kept here is rolled back.
    const { locator: _, ...others } = context
    super(others, target)
    this.#keeper = keeper
  }

  /** What was written. */
  get set(): TriedSet {
    if (!this.#set) throw new Error('nothing was written yet')
    return this.#set
  }

  override async before(set: Classified): Promise<void> {
    const { session, target } = this.context
    const columns = await this.columnsOf(set.key)
    const { schema, name } = this.target
    if (await hasRows(session, { schema, name }, this.target)) {
      const known = new KnownChanges(this.context, set, this.target, target, columns)
      this.#digest = formatDigest({ ...(await known.digest()), isKnown: this.areKnown(set, columns) })
    }
    // Never as a first load, which stores no changes.
    await super.before(set, false)
  }

  override async after(set: Classified, written: Written): Promise<void> {
    await super.after(set, written)
    const nothing = { inserted: 0, updated: 0, deleted: 0 }
    if (!this.#set) await this.record('shared', await this.columnsOf(set.key), nothing)
  }

  /** The rows of a new table: nobody has compared them with anything. */
  override async firstLoad(key: readonly string[], inserted: number): Promise<void> {
    const columns = await this.columnsOf(key)
    const { schema, name } = this.target
    const kind = await this.storeTexts(allRows(ident(schema, name), columns), inserted)
    await this.record(kind, columns, { inserted, updated: 0, deleted: 0 })
  }

  protected override async store(rows: ChangedRows, about: number): Promise<SetKind> {
    return await copyChanges(this.context.session, this.#keeper, this.context.run, rows, about)
  }

  protected override async record(kind: SetKind, columns: SetColumns, counts: SetCounts): Promise<void> {
    this.#set = { kind, columns, counts, digest: this.#digest }
  }
}

function allRows(target: Fragment, { key, others }: SetColumns): ChangedRows {
  const now = (name: string) => sql`t.${ident(name)}`
  return {
    from: sql`${target} AS t`,
    op: sql`'i'`,
    position: sql`NULL::bigint`,
    was: sql`NULL::xid`,
    key: key.map((column) => ({ column, value: now(column.name) })),
    columns: others.map((column) => ({ column, old: now(column.name), new: now(column.name) })),
  }
}
