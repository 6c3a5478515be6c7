import type { AggregateKind } from '../contract/options.js'
import type { Session } from '../db/session.js'
import { type Fragment, statement } from '../db/sql.js'
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
  /** The role that owns the target, and whether that is somebody else. */
  readonly owner: string
  readonly isOthers: boolean
  readonly column: string
  /** What the column's values are of, domains and lengths left out. */
  readonly type: string
  /** The aggregate's own relation, which people read. */
  readonly schema: string
  readonly name: string
  readonly value_column: string
  readonly count_column: string
  /** What it keeps is of the column's type. */
  readonly fits: boolean
}

/** Of something that somebody has dropped a part of. */
export type Remnant = { readonly [Name in keyof Aggregate]: Aggregate[Name] | null } & Pick<
  Aggregate,
  'id' | 'kind'
>

/** What is to be made. */
export interface NewAggregate {
  readonly targetOid: number
  readonly target: Fragment
  readonly column: string
  readonly relation: Fragment
  readonly schema: string
  readonly name: string
  readonly countColumn: string
}

/** A table that holds what a new aggregate is to keep. */
export interface Prepared {
  /** In the schema dasy. */
  readonly name: string
  readonly groups: number
  readonly epoch: number
}

/**
 * How an aggregate is kept. The kinds stand side by side, each in a file of its own; all of it happens within
 * the caller's transaction and under its lock on the target.
 */
export interface Keeping {
  /**
   * Makes the relation, fills it and registers it.
   * @param prepared has it counted already, in the schema dasy
   */
  create(session: Session, wanted: NewAggregate, prepared?: Prepared): Promise<void>
  /** Brings it up to date, whatever it was. */
  refresh(session: Session, aggregate: Aggregate): Promise<void>
  /** What holds one row for each value, to be read where the owner's own code must not run. */
  contents(aggregate: Aggregate): Contents
  /** Removes it, whatever is left of it. */
  drop(session: Session, aggregate: Aggregate | Remnant): Promise<void>
}

/** A relation, and its columns for a value and its count. */
export interface Contents {
  readonly relation: Fragment
  /** What stands behind FROM for those of its rows that count, where it was not brought up to date. */
  readonly rows: Fragment
  readonly value: Fragment
  readonly count: Fragment
}

export const kinds: Readonly<Record<AggregateKind, Keeping>> = { live, manual, view }

/** The aggregates of a table, or all of them. */
export async function aggregatesOf(session: Session, targetOid: number | null): Promise<Aggregate[]> {
  return (await listed(session, targetOid)).filter(isWhole)
}

/** Those of which something was dropped: of a table, or all of them. */
export async function remnantsOf(session: Session, targetOid: number | null): Promise<Remnant[]> {
  return (await listed(session, targetOid)).filter((each) => !isWhole(each))
}

function listed(session: Session, targetOid: number | null): Promise<Remnant[]> {
  return session.rows<Remnant>(statement('aggregate/list'), [targetOid])
}

function isWhole(each: Remnant): each is Aggregate {
  return each.target_oid !== null && each.column !== null && each.name !== null
}

export interface Size {
  readonly groups: number
  /** What the counts add up to. */
  readonly rows: number
}

/** Counts them, all of them, of one that was just brought up to date. */
export async function sizeOf(session: Session, aggregate: Aggregate): Promise<Size> {
  const { relation, count } = kinds[aggregate.kind].contents(aggregate)
  const row = await session.row<Size>(statement('aggregate/measure', { aggregate: relation, count }))
  return row as Size
}
