import type { Session } from '../db/session.js'
import { type Fragment, ident, statement } from '../db/sql.js'
import type { AggregateKind } from '../options.js'
import { live } from './live.js'
import { manual } from './manual.js'
import { view } from './view.js'

/** An aggregate as the catalog describes it: one row per distinct value of a column, with its count. */
export interface Aggregate {
  readonly id: number
  readonly kind: AggregateKind
  readonly target_oid: number
  readonly target_schema: string
  readonly target_name: string
  /** The counted column's number and name in the target. */
  readonly attribute: number
  readonly column: string
  readonly type: string
  /** The aggregate's own relation. */
  readonly schema: string
  readonly name: string
  readonly value_column: string
  readonly count_column: string
  readonly index_name: string | null
}

/** What is to be made. */
export interface NewAggregate {
  readonly targetOid: number
  readonly target: Fragment
  readonly attribute: number
  readonly column: string
  readonly type: string
  readonly relation: Fragment
  readonly schema: string
  readonly name: string
  readonly countColumn: string
}

/** A table that holds what a new aggregate is to hold. */
export interface Prepared {
  readonly schema: string
  readonly name: string
  readonly groups: number
}

/**
 * How an aggregate is kept. The kinds stand side by side, each in a file of its own; all of it happens within
 * the caller's transaction and under its lock on the target.
 */
export interface Keeping {
  /**
   * Makes the relation, fills it and registers it.
   * @param prepared has it done already, in another schema
   */
  create(session: Session, wanted: NewAggregate, prepared?: Prepared): Promise<void>
  /** Brings it up to date, whatever it was. */
  refresh(session: Session, aggregate: Aggregate): Promise<void>
  drop(session: Session, aggregate: Aggregate): Promise<void>
}

export const kinds: Readonly<Record<AggregateKind, Keeping>> = { live, manual, view }

/** The aggregates of a table, or all of them. */
export async function aggregatesOf(session: Session, targetOid: number | null): Promise<Aggregate[]> {
  return session.rows<Aggregate>(statement('aggregate/list'), [targetOid])
}

export interface Size {
  readonly groups: number
  /** What the counts add up to. */
  readonly rows: number
}

/** Counts them, all of them. */
export async function sizeOf(session: Session, { schema, name, count_column }: Aggregate): Promise<Size> {
  const row = await session.row<Size>(
    statement('aggregate/measure', { aggregate: ident(schema, name), count: ident(count_column) }),
  )
  return row as Size
}
