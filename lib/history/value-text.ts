import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, query, sql, statement } from '../db/sql.js'

/**
 * Values as text, so that each comes back exactly as it was: written by the output function of its type, and read by a cast,
 * both under the same settings.
 */

/** A column of a table, as its values are stored in a change set. */
export interface StoredColumn {
  readonly name: string
  readonly attribute: number
  /** In SQL, qualified. */
  readonly type: string
  /** Of a domain: the type that it is based on. */
  readonly base: string | null
  /** The output function of its type, quoted. */
  readonly output: string
  /** Whether its values are text already. */
  readonly text: boolean
  /** Whether a text is turned into a value by a cast of its own: not the input function, but it reads the same. */
  readonly cast: boolean
  /** Whether it is NOT NULL. */
  readonly required: boolean
  readonly composite: boolean
  readonly generated: boolean
  readonly identity: boolean
  /** Whether an INSERT that does not name it may store something: a default, an identity. */
  readonly filled: boolean
  readonly hashable: boolean
  /** A nondeterministic collation, quoted; null for any other. */
  readonly collation: string | null
}

/**
 * Runs statements that write or read values as text, within a transaction. Statements that run a user's code (writes with
 * their triggers) do not belong here.
 */
export async function withTextSettings<Result>(
  session: Session,
  work: () => Promise<Result>,
): Promise<Result> {
  const text = statement('history/text_settings', { local: sql`true` })
  const [own, result] = await session.together(() => [
    session.rows<{ name: string; former: string }>(text),
    work(),
  ])
  const [names, values] = [own.map(({ name }) => name), own.map(({ former }) => former)]
  await session.run(
    query`SELECT set_config(name, former, true) FROM unnest($1::text[], $2::text[]) AS own (name, former)`,
    [names, values],
  )
  return result
}

/** The columns of a table whose values are stored, in its order; within `withTextSettings`. */
export async function storedColumns(session: Session, table: number): Promise<StoredColumn[]> {
  return (await allColumns(session, table)).filter(({ generated }) => !generated)
}

/** The same with the columns that PostgreSQL computes. */
export async function allColumns(session: Session, table: number): Promise<StoredColumn[]> {
  return await session.rows<StoredColumn>(statement('history/stored_columns'), [table])
}

/** Sets a session to write and read values as text, for as long as it is open: one that only reads. */
export async function setTextSettings(session: Session): Promise<void> {
  await session.rows(statement('history/text_settings', { local: sql`false` }))
}

/**
 * SQL: a value of the column as text, compared by its bytes: of the column's collation different texts may be equal, and texts of
 * columns with different ones could not stand in one array.
 */
export function textOf({ text, output, base }: StoredColumn, value: Fragment): Fragment {
  if (text) return sql`CAST(${value} AS text) COLLATE pg_catalog."C"`
  // The output functions of enums and ranges take no domain.
  const plain = base === null ? value : sql`CAST(${value} AS ${fromCatalog(base)})`
  return sql`pg_catalog.textin(${fromCatalog(output)}(${plain})) COLLATE pg_catalog."C"`
}

/**
 * SQL: the value of a text; with the column's collation, so that it is compared as in the table. A cast from text may be one that
 * refuses what the type itself has written (that of regclass does); a cast from bpchar is the input function.
 */
export function typedValue(
  { type, collation, cast }: Pick<StoredColumn, 'type' | 'collation' | 'cast'>,
  text: Fragment,
): Fragment {
  const source = cast ? text : sql`CAST(${text} AS pg_catalog.bpchar)`
  const value = sql`CAST(${source} AS ${fromCatalog(type)})`
  return collation === null ? value : sql`${value} COLLATE ${fromCatalog(collation)}`
}

/** SQL: the hash by which the changes of a key are found. Keys that are equal for their types have the same. */
export function hashOf(key: readonly StoredColumn[], values: readonly Fragment[]): Fragment {
  if (!key.every(({ hashable }) => hashable)) return sql`0::bigint`
  const list = values.reduce((all, value) => sql`${all}, ${value}`)
  return sql`pg_catalog.hash_record_extended(ROW(${list}), 0)`
}
