import type { Target } from '../catalog/target.js'
import { withLookUps, withoutLoops } from '../db/join-plans.js'
import type { Session } from '../db/session.js'
import { type Fragment, sql } from '../db/sql.js'
import type { SetColumns } from '../history/change-set.js'
import { digestOf } from '../history/digest.js'
import { withTextSettings } from '../history/value-text.js'
import { selectChanges } from '../history/write.js'
import { knownRows } from '../merge/changed-rows.js'
import type { Classified } from '../merge/classified.js'
import { isPlain } from '../merge/target-row.js'

/** The changes as they are classified, before a row is written: what a plan is compared by when it is applied. */
export class KnownChanges {
  readonly #session: Session
  readonly #isPlain: boolean
  /** A FROM item: the changes in the form of dasy.changes. */
  readonly select: Fragment

  constructor(
    { session, run }: { readonly session: Session; readonly run: number },
    set: Classified,
    inspected: Target,
    target: Fragment,
    columns: SetColumns,
  ) {
    this.#session = session
    // In different partitions rows may have the same place.
    this.#isPlain = isPlain(inspected)
    const joined = this.#isPlain ? sql`t.ctid = c.place` : sql`c.place IS NOT NULL AND ${set.sameKey()}`
    this.select = sql`(${selectChanges(run, knownRows(set, target, columns, joined))})`
  }

  /** Runs a statement with them. */
  async query<Result>(work: () => Promise<Result>): Promise<Result> {
    const planned = this.#isPlain ? withLookUps : withoutLoops
    return await planned(this.#session, () => withTextSettings(this.#session, work))
  }

  /** Their content, and which versions of rows they replace. */
  async digest(): Promise<{ content: string; versions: string }> {
    return await this.query(() => digestOf(this.#session, this.select))
  }
}

/** How the digest of a plan is stored: what was classified, which versions, and whether the stored rows are just that. */
export interface PlanDigest {
  readonly content: string
  readonly versions: string
  /** Whether the stored changes are those that were classified, and not what the table made of them. */
  readonly isKnown: boolean
}

export function formatDigest({ content, versions, isKnown }: PlanDigest): string {
  return `${content} ${versions} ${isKnown ? 'known' : 'read'}`
}

export function parseDigest(text: string): PlanDigest {
  const [content = '', versions = '', how] = text.split(' ')
  return { content, versions, isKnown: how === 'known' }
}
