import { DasyError } from '../base/errors.js'
import type { TableName } from '../contract/table-name.js'
import type { Session } from '../db/session.js'
import { type Fragment, ident, query, statement } from '../db/sql.js'
import { type ChangeSet, changesTable, setsOf } from './change-set.js'
import { type StoredColumn, storedColumns } from './value-text.js'

/** The table of a set as it is now. */
export interface Relation {
  readonly oid: number
  readonly table: TableName & { readonly schema: string }
  /** Its qualified name in SQL. */
  readonly target: Fragment
  readonly file: number | null
  readonly columns: readonly StoredColumn[]
}

/**
 * The table that a set has changed, within `withTextSettings`.
 * @param name of the table, for messages
 * @throws DasyError TABLE_REPLACED
 */
export async function relationOf(
  session: Session,
  { run, relation }: ChangeSet,
  name: string,
): Promise<Relation> {
  const row =
    relation === null
      ? undefined
      : await session.row<{ schema: string; name: string; file: number | null }>(
          statement('history/find_relation'),
          [relation],
        )
  if (!row || relation === null) {
    throw new DasyError(
      'TABLE_REPLACED',
      `the table ${name} that run ${run} changed does not exist any more`,
      {
        hint: 'If there is a table of this name, it was made anew; what the run changed was in the other one.',
        details: { run, table: name },
      },
    )
  }
  const columns = await storedColumns(session, relation)
  const { schema, name: current, file } = row
  const table = { schema, name: current }
  return { oid: relation, table, target: ident(schema, current), file, columns }
}

/** What tells a column from others. */
export type ColumnNumber = Pick<StoredColumn, 'name' | 'attribute'>

/**
 * For each column of a set (those of the key first), the one that it is now; undefined if it was dropped. That is the same column
 * under any name, or another one in its place. In a restored database the numbers of columns are others: names come first.
 */
export function columnsNow<Column extends ColumnNumber>(
  { key, columns, attributes, original }: Pick<ChangeSet, 'key' | 'columns' | 'attributes' | 'original'>,
  now: readonly Column[],
): (Column | undefined)[] {
  const names = [...key, ...columns]
  const isNumbered = ({ attribute }: Column) => attributes.includes(attribute)
  const isNamed = ({ name }: Column) => names.includes(name)
  return names.map((name, index) => {
    const numbered = now.find(({ attribute }) => attribute === attributes[index])
    const named = now.find((column) => column.name === name)
    return original ? (numbered ?? unless(isNumbered, named)) : (named ?? unless(isNamed, numbered))
  })
}

function unless<Column>(
  isOther: (column: Column) => boolean,
  column: Column | undefined,
): Column | undefined {
  return column && !isOther(column) ? column : undefined
}

/**
 * Whether the rows of a first load can still be told by the transactions that wrote them.
 * @throws DasyError HISTORY_LOST
 */
export async function requireFirstLoad(session: Session, set: ChangeSet, relation: Relation): Promise<void> {
  const { run, original, wrapped, file } = set
  if (original && !wrapped && (file === relation.file || (await isTold(session, set, relation)))) return
  throw new DasyError(
    'HISTORY_LOST',
    `the rows that run ${run} loaded cannot be told from others any more: the table was restored or rewritten since`,
    {
      hint: 'To delete all rows: dasy purge, with the name of the table.',
      details: { run },
    },
  )
}

/**
 * Whether a table that has another file by now was not rewritten: VACUUM FULL and CLUSTER keep the transactions of rows. It has
 * some of the set, or no row at all, or later runs have replaced all rows of the set.
 */
async function isTold(session: Session, set: ChangeSet, relation: Relation): Promise<boolean> {
  const { oid, target } = relation
  if (await hasEmptied(session, relation, set.run)) return true
  const text = query`SELECT EXISTS (SELECT FROM ${target} WHERE xmin::text = ANY ($1)) OR NOT EXISTS (SELECT FROM ${target}) AS told`
  const row = await session.row<{ told: boolean }>(text, [set.writers.map(String)])
  if (row?.told) return true
  let replaced = 0
  for (const later of await setsOf(session, oid)) replaced += await countReplaced(session, later, set)
  return replaced === set.inserted
}

/** How many rows of a first load a later set has replaced or deleted. */
async function countReplaced(session: Session, later: ChangeSet, first: ChangeSet): Promise<number> {
  if (later.run <= first.run || (later.kind !== 'shared' && later.kind !== 'own')) return 0
  const text = query`SELECT count(*) AS rows FROM ${changesTable(later)} WHERE run = $1 AND was::text = ANY ($2)`
  const row = await session.row<{ rows: number }>(text, [later.run, first.writers.map(String)])
  return row?.rows ?? 0
}

/** Whether a later first load has given the table its file: it had no rows then, so what became of them is in other sets. */
async function hasEmptied(session: Session, { oid, file }: Relation, run: number): Promise<boolean> {
  const row = await session.row<{ has: boolean }>(
    query`SELECT EXISTS (SELECT FROM dasy.change_sets WHERE relation = $1::integer::oid AND run > $2 AND file = $3) AS has`,
    [oid, run, file],
  )
  return row?.has ?? false
}
