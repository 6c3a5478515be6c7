import { withLookUps } from '../db/join-plans.js'
import type { Session } from '../db/session.js'
import { type Fragment, number, sql } from '../db/sql.js'
import { changesTable, type SetColumns, type SetKind } from '../history/change-set.js'
import { digestOf } from '../history/digest.js'
import { withTextSettings } from '../history/value-text.js'
import { writeChanges } from '../history/write.js'
import { knownRows, rowsOf } from '../merge/changed-rows.js'
import type { Classified } from '../merge/classified.js'
import type { SetWriter } from '../merge/upsert.js'
import type { Written } from '../merge/write.js'
import { formatDigest } from './known-changes.js'

/** Stores what is classified, and writes nothing to the table. */
export class PlanningWriter implements SetWriter {
  readonly #session: Session
  readonly #run: number
  readonly #target: Fragment
  readonly #columns: SetColumns
  kind: SetKind = 'shared'

  /** @param target a FROM item: the table with all columns that it will have */
  constructor(session: Session, run: number, target: Fragment, columns: SetColumns) {
    this.#session = session
    this.#run = run
    this.#target = target
    this.#columns = columns
  }

  async write(set: Classified): Promise<Written> {
    const rows = knownRows(set, this.#target, this.#columns)
    const { kind } = await withLookUps(this.#session, () =>
      withTextSettings(this.#session, () => writeChanges(this.#session, this.#run, rows, rowsOf(set))),
    )
    this.kind = kind
    const { changed, deleted } = set.counts
    return { inserted: set.inserted, updated: changed, deleted, same: 0 }
  }

  /** Of the changes that were stored. */
  async digest(): Promise<string> {
    const stored = changesTable({ run: this.#run, kind: this.kind })
    const changes = sql`(SELECT * FROM ${stored} WHERE run = ${number(this.#run)})`
    return formatDigest({ ...(await digestOf(this.#session, changes)), isKnown: true })
  }
}
