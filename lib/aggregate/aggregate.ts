import type { AggregateKind } from '../contract/receipt.js'
import type { Session } from '../db/session.js'
import { type Fragment, statement } from '../db/sql.js'

/** An aggregate as the catalog describes it: one row for each distinct value of a column, with the number of its rows. */
export interface Aggregate {
  readonly id: number
  readonly kind: AggregateKind
  readonly target_oid: number
  readonly target_schema: string
  readonly target_name: string
  /** The role that owns the target. */
  readonly owner: string
  /** Whether that is another role than this one. */
  readonly isOthers: boolean
  readonly column: string
  /** The base type of the column, without domain and length. */
  readonly type: string
  /** The relation that users read. */
  readonly schema: string
  readonly name: string
  readonly value_column: string
  readonly count_column: string
  /** Whether the stored values are of the column's type. */
  readonly fits: boolean
}

/** An aggregate whose table, column or relation was dropped. */
export type Remnant = { readonly [Name in keyof Aggregate]: Aggregate[Name] | null } & Pick<
  Aggregate,
  'id' | 'kind'
>

/** An aggregate to create. */
export interface NewAggregate {
  /** The number of the one that it replaces, whose objects had the same names. */
  readonly id?: number | undefined
  readonly targetOid: number
  readonly target: Fragment
  readonly column: string
  readonly relation: Fragment
  readonly schema: string
  readonly name: string
  readonly countColumn: string
}

/** A table with the groups of a new aggregate, which becomes its storage. */
export interface Prepared {
  /** In the schema dasy. */
  readonly name: string
  readonly groups: number
  readonly epoch: number
}

/**
 * How aggregates of one kind are maintained. The caller has begun a transaction, in which no other session writes to the
 * target.
 */
export interface Maintenance {
  /**
   * Creates the relation, fills it and registers it.
   * @param prepared the groups, if they were counted before
   */
  create(session: Session, wanted: NewAggregate, prepared?: Prepared): Promise<void>
  /** Makes the counts right, whatever they were. */
  refresh(session: Session, aggregate: Aggregate): Promise<void>
  /** Where to read the groups without running code of the target's owner. */
  contents(aggregate: Aggregate): Contents
  /** Removes it, or what is left of it. */
  drop(session: Session, aggregate: Aggregate | Remnant): Promise<void>
}

/** A relation with one row for each group, if the aggregate was just refreshed. */
export interface Contents {
  readonly relation: Fragment
  /** A FROM item with the rows that count, if the aggregate was not refreshed. */
  readonly rows: Fragment
  readonly value: Fragment
  readonly count: Fragment
}

/** The aggregates of a table. */
export async function aggregatesOf(session: Session, targetOid: number): Promise<Aggregate[]> {
  return (await allAggregates(session)).whole.filter(({ target_oid }) => target_oid === targetOid)
}

/** The aggregates of all tables, and what is left of those that are not whole. */
export interface AllAggregates {
  readonly whole: Aggregate[]
  readonly remnants: Remnant[]
}

/** They are few, so all are read, by one query that is planned once. */
export async function allAggregates(session: Session): Promise<AllAggregates> {
  const all = await session.planned<Remnant>(statement('aggregate/list'))
  return { whole: all.filter(isWhole), remnants: all.filter((each) => !isWhole(each)) }
}

function isWhole(each: Remnant): each is Aggregate {
  return each.target_oid !== null && each.column !== null && each.name !== null
}
