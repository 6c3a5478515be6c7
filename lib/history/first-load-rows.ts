import { withoutLoops } from '../db/join-plans.js'
import type { Session } from '../db/session.js'
import { type Fragment, ident, list, number, part, sql, statement } from '../db/sql.js'
import { type ChangeSet, changesTable, writersOf } from './change-set.js'
import { type Kept, keptColumns, now, sameKey } from './kept-columns.js'
import { columnsNow, type Relation } from './relation.js'
import { type StoredColumn, textOf } from './value-text.js'

/** A row that a first load inserted, and where its record is. */
export interface LoadedRow {
  /** The ordinal of its source; null, as the other two, if it was not found. */
  readonly source: number | null
  readonly byte: number | null
  readonly line: number | null
  readonly key: readonly (string | null)[]
  readonly new: readonly (string | null)[]
}

/** A table with the places of the records that were loaded: its columns are source, byte, line and those of the key. */
export interface LoadedPlaces {
  readonly table: Fragment
  /** The values of the key in its rows `p`. */
  readonly key: readonly Fragment[]
  /** Whether it has all of them; if not, it has the first ones, and only these are wanted. */
  readonly isWhole: boolean
}

/**
 * The rows that a first load inserted, which keeps no copy of them: as they were then, whatever later runs have made of them. Rows
 * that somebody else has changed cannot be told. In the order of the sources if the places are known, else in that of the table.
 * Within a transaction that ends with it; only a part of the rows is in memory.
 * @param sets of the table, as `setsOf` returns them
 * @param limit null: all
 */
export async function declareLoadedRows(
  session: Session,
  set: ChangeSet,
  sets: readonly ChangeSet[],
  relation: Relation,
  { places, limit }: { readonly places: LoadedPlaces | undefined; readonly limit: number | null },
): Promise<void> {
  const columns = columnsNow(set, relation.columns)
  const [key, others] = [columns.slice(0, set.key.length), columns.slice(set.key.length)]
  const texts = (some: readonly (StoredColumn | undefined)[]): Fragment =>
    array(some.map((column) => (column ? textOf(column, now(column)) : sql`NULL`)))
  const xids = writersOf(set)
  const text = statement('history/declare_first_load', {
    key: texts(key),
    new: texts(others),
    target: relation.target,
    xids,
    replaced: replacedRows(set, sets, relation, xids),
    ...joined(places, key),
  })
  // For the whole transaction: values are written when rows are fetched.
  await session.run(statement('history/text_settings', { local: sql`true` }))
  await withoutLoops(session, () => session.run(text, [limit]))
}

/** The values are compared as text: those of a row are the ones that its record had. */
function joined(
  places: LoadedPlaces | undefined,
  key: readonly (StoredColumn | undefined)[],
): { place: Fragment; places: Fragment } {
  if (!places)
    return {
      place: sql`NULL::integer AS source, NULL::bigint AS byte, NULL::bigint AS line`,
      places: sql``,
    }
  const texts = key.map((column, index) => textOf(column as StoredColumn, places.key[index] as Fragment))
  const join = places.isWhole ? sql`LEFT JOIN` : sql`JOIN`
  return {
    place: sql`p.source, p.byte, p.line`,
    places: sql`${join} ${places.table} AS p ON l.key = ${array(texts)} ORDER BY p.source, p.byte, l.key`,
  }
}

function replacedRows(
  set: ChangeSet,
  sets: readonly ChangeSet[],
  relation: Relation,
  xids: Fragment,
): Fragment {
  const later = sets.filter(({ run, kind }) => run > set.run && (kind === 'shared' || kind === 'own'))
  const { key } = keptColumns(set, relation)
  // Without a column of the key its rows cannot be found.
  if (later.length === 0 || key.length < set.key.length) return sql``
  const columns = columnsNow(set, relation.columns).slice(set.key.length)
  const changed = columns.map((_, index) => {
    const [old, is] = [sql`old[${number(index + 1)}]`, sql`new[${number(index + 1)}]`]
    return sql`FILTER (WHERE op = 'd' OR ${old} IS NOT NULL OR ${is} IS NOT NULL)`
  })
  const olds = changed.flatMap((filter, index) => [
    sql`count(*) ${filter} AS ${countName(index)}`,
    sql`(array_agg(old[${number(index + 1)}] ORDER BY run) ${filter})[1] AS ${oldName(index)}`,
  ])
  const initial = columns.map((column, index) => {
    const current = column ? textOf(column, now(column)) : sql`NULL`
    return sql`CASE WHEN c.${countName(index)} > 0 THEN c.${oldName(index)} ELSE ${current} END`
  })
  return part('history/replaced_rows', {
    initial: array(initial),
    olds: list(olds.length > 0 ? olds : [sql`NULL AS nothing`]),
    later: laterChanges(later, columns, relation),
    target: relation.target,
    same_key: sameKey(key),
    xids,
  })
}

/** The changes of these sets, with their values in the order of the columns. */
function laterChanges(
  sets: readonly ChangeSet[],
  columns: readonly (StoredColumn | undefined)[],
  relation: Relation,
): Fragment {
  // Sets in the shared table that have the same columns are read together.
  const alike = new Map<string, { readonly from: Fragment; readonly runs: number[] }>()
  for (const set of sets) {
    const { others } = keptColumns(set, relation)
    const indexes = columns.map((column) => (column ? indexOf(column, others) : -1))
    const [from, values] = [changesTable(set), (side: 'old' | 'new') => valuesOf(side, indexes)]
    const select = sql`SELECT c.run, c.hash, c.was::text::bigint AS was, c.op, c.key, ${values('old')} AS old, ${values('new')} AS new FROM ${from} AS c`
    const known = alike.get(select.sql)
    if (known) known.runs.push(set.run)
    else alike.set(select.sql, { from: select, runs: [set.run] })
  }
  const selects = [...alike.values()].map(
    ({ from, runs }) => sql`${from} WHERE c.run IN (${list(runs.map(number))})`,
  )
  return list(selects, ' UNION ALL ')
}

function indexOf(column: StoredColumn, kept: readonly Kept[]): number {
  return kept.find((each) => each.column === column)?.index ?? -1
}

function valuesOf(side: 'old' | 'new', indexes: readonly number[]): Fragment {
  return array(indexes.map((index) => (index < 0 ? sql`NULL` : sql`c.${ident(side)}[${number(index + 1)}]`)))
}

function array(texts: readonly Fragment[]): Fragment {
  return sql`ARRAY[${list(texts)}]::text[]`
}

function countName(index: number): Fragment {
  return ident(`n${index + 1}`)
}

function oldName(index: number): Fragment {
  return ident(`o${index + 1}`)
}
