import type { Change, Operation, Values } from '../contract/change.js'
import type { Session } from '../db/session.js'
import { type Fragment, number, query, sql, statement } from '../db/sql.js'
import { partsOfPosition } from '../ledger/staging.js'
import { type ChangeSet, changesTable } from './change-set.js'

/** A change as it is stored. */
export interface StoredChange {
  /** The ordinal of the record's source, and its position there; null if it has none. */
  readonly source: number | null
  readonly place: number | null
  readonly op: 'i' | 'u' | 'd'
  readonly key: readonly (string | null)[]
  readonly old: readonly (string | null)[] | null
  readonly new: readonly (string | null)[] | null
}

export interface Selection {
  readonly ops?: readonly Operation[] | undefined
  /** Only changes of this column, and only its values. */
  readonly column?: string | undefined
  readonly limit?: number | undefined
}

/** About so many bytes are fetched at a time. */
const BATCH_BYTES = 1024 * 1024
const MOST_ROWS = 2000
const FIRST_ROWS = 50

/**
 * The changes of a set in the order of its sources, and those without a record by their keys. Only one batch is in memory.
 * @param change of the set; the caller knows that it is kept
 */
export async function* storedChanges(
  session: Session,
  set: ChangeSet,
  { ops, column, limit }: Selection = {},
): AsyncGenerator<StoredChange> {
  await using _ = await session.snapshot()
  const text = statement('history/declare_changes', {
    ...partsOfPosition(sql`position`),
    changes: changesTable(set),
    touched: column === undefined ? sql`true` : touches(set, column),
  })
  await session.run(text, [set.run, ops?.map((op) => op[0]) ?? null, limit ?? null])
  yield* fetched(session)
}

/** The rows of the cursor `changed`. Fetches larger batches as long as the rows are small. */
export async function* fetched<Row extends Partial<StoredChange>>(session: Session): AsyncGenerator<Row> {
  for (let rows = FIRST_ROWS; ; ) {
    const batch = await session.rows<Row>(query`FETCH FORWARD ${number(rows)} FROM changed`)
    yield* batch
    if (batch.length < rows) return
    const bytes = batch.reduce((sum, change) => sum + sizeOf(change), 1)
    rows = Math.max(1, Math.min(MOST_ROWS, 2 * rows, Math.floor((BATCH_BYTES * rows) / bytes)))
  }
}

function sizeOf({ key, old, new: now }: Partial<StoredChange>): number {
  let size = 0
  for (const texts of [key, old, now]) for (const text of texts ?? []) size += text?.length ?? 0
  return size
}

/** A condition: the change concerns a column. */
function touches({ columns }: ChangeSet, column: string): Fragment {
  const index = columns.indexOf(column)
  if (index < 0) return sql`op <> 'u'`
  const at = number(index + 1)
  return sql`(op <> 'u' OR old[${at}] IS NOT NULL OR new[${at}] IS NOT NULL)`
}

/** Turns stored changes of a set into changes with the names of columns, in the order of the table. */
export class ChangeReader {
  readonly #set: ChangeSet
  readonly #only: string | undefined
  /** The name of each column, and where its value is. */
  readonly #columns: readonly { readonly name: string; readonly key: boolean; readonly index: number }[]

  /** @param only the column whose values are given; all if undefined */
  constructor(set: ChangeSet, only?: string) {
    const place = (key: boolean) => (name: string, index: number) => ({ name, key, index })
    const columns = [...set.key.map(place(true)), ...set.columns.map(place(false))]
    const attributes = new Map(columns.map((column, index) => [column, set.attributes[index] as number]))
    this.#set = set
    this.#only = only
    this.#columns = columns.sort(
      (one, other) => (attributes.get(one) as number) - (attributes.get(other) as number),
    )
  }

  read({
    op,
    key,
    old,
    new: now,
  }: Pick<StoredChange, 'op' | 'key' | 'old' | 'new'>): Pick<Change, 'op' | 'key' | 'old' | 'new'> {
    const names = this.keyOf(key)
    if (op === 'i') return { op: 'insert', key: names, new: this.#all(key, now) }
    if (op === 'd') return { op: 'delete', key: names, old: this.#all(key, old) }
    // As entries, because a column may be called __proto__.
    const before: [string, string | null][] = []
    const after: [string, string | null][] = []
    for (const { name, key: isKey, index } of this.#columns) {
      const [was, is] = [old?.[index] ?? null, now?.[index] ?? null]
      if (isKey || (was === null && is === null) || !this.#isWanted(name)) continue
      before.push([name, was])
      after.push([name, is])
    }
    return { op: 'update', key: names, old: Object.fromEntries(before), new: Object.fromEntries(after) }
  }

  keyOf(key: StoredChange['key']): Values {
    return Object.fromEntries(this.#set.key.map((name, index) => [name, key[index] ?? null]))
  }

  #all(key: StoredChange['key'], texts: StoredChange['old']): Values {
    const values: [string, string | null][] = []
    for (const { name, key: isKey, index } of this.#columns)
      if (this.#isWanted(name)) values.push([name, (isKey ? key : texts)?.[index] ?? null])
    return Object.fromEntries(values)
  }

  #isWanted(name: string): boolean {
    return this.#only === undefined || this.#only === name
  }
}
