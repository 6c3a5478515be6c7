import type { Aggregate } from '../aggregate/aggregate.js'
import { type Fragment, ident, list, sql } from '../db/sql.js'

/** A column of the user's table that is written. */
export interface ClassifiedColumn {
  /** Its name in the table. */
  readonly target: string
  /** Whether it is part of the key. */
  readonly key: boolean
  /** Of records: whether any text is stored as it is. Then their values are of the type text, and the row's of the column's type. */
  readonly stored?: { readonly text: boolean }
}

/** How many rows of each kind it has. */
export interface ClassifiedCounts {
  /** Rows whose key is new to the table. */
  readonly new: number
  /** Rows that change a row of the table. */
  readonly changed: number
  /** Rows of the table that are deleted. */
  readonly deleted: number
  /** For each aggregate, whether an update changes a value that it counts. */
  readonly moved: readonly boolean[]
}

/** What a Classified is made of. */
export interface ClassifiedParts {
  readonly table: Fragment
  readonly columns: readonly ClassifiedColumn[]
  /** The columns of the key, in the order in which the user names them. */
  readonly key: readonly string[]
  /** The aggregates whose old values are o1, o2, … */
  readonly aggregates: readonly Aggregate[]
  readonly counts: ClassifiedCounts
  /** Whether a key was found in the table; false if that is not known. */
  readonly hasFound?: boolean
  /** Whether it has the column op ('i', 'u' or 'd'). Without it, rows with a place are updates and the others inserts. */
  readonly hasDeletes?: boolean
  /** Whether deletes say in the column found_in which table, partition or child has their row: then they need no key. */
  readonly hasLocations?: boolean
  /** Whether rows whose key is new are inserted; otherwise they are only counted. */
  readonly insertsNew?: boolean
  /** Whether it is faster to look up its keys one by one than to join the table. */
  readonly looksUp?: boolean
  /** Whether it has the column before, the whole row as text: so that the writer sees which rows a trigger left as they were. */
  readonly hasBefore?: boolean
  /** Whether it has the columns was and w1, w2, …: the row as it is, so that its change is known without reading it once more. */
  readonly hasRow?: boolean
  /** The value of a column by its index, if it is not v1, v2, …; `from`: the alias and a dot, or nothing. */
  readonly value?: (index: number, from: Fragment) => Fragment
}

/**
 * What is to be written: a table in the schema dasy with a row for each key that is inserted, updated or deleted, made from
 * staged records, from a stored change set, or from rows of the user's table. Its columns:
 *
 * - position: of the record in the sources, or NULL. For writing row by row it must be there and unique, but for deletes.
 * - place: the ctid of the row in the user's table; NULL if it is inserted.
 * - found_in: of a delete the tableoid of that row, see `hasLocations`.
 * - op: only if something may be deleted.
 * - v1, v2, …: the new values, in the order of `columns`. A delete has those of the key.
 * - o1, o2, …: the values that the row has now in the columns that aggregates count.
 * - was, w1, w2, …: the xmin of the row and all values that it has now, in the order of `columns`; see `hasRow`. Then there is no o1.
 * - before: see `hasBefore`.
 *
 * This class only describes it.
 */
export class Classified {
  readonly table: Fragment
  readonly columns: readonly ClassifiedColumn[]
  readonly key: readonly string[]
  readonly aggregates: readonly Aggregate[]
  readonly counts: ClassifiedCounts
  readonly hasFound: boolean
  readonly hasDeletes: boolean
  readonly hasLocations: boolean
  readonly insertsNew: boolean
  readonly looksUp: boolean
  readonly hasBefore: boolean
  readonly hasRow: boolean
  readonly #parts: ClassifiedParts

  constructor(parts: ClassifiedParts) {
    this.table = parts.table
    this.columns = parts.columns
    this.key = parts.key
    this.aggregates = parts.aggregates
    this.counts = parts.counts
    this.hasFound = parts.hasFound ?? false
    this.hasDeletes = parts.hasDeletes ?? false
    this.hasLocations = parts.hasLocations ?? false
    this.insertsNew = parts.insertsNew ?? true
    this.looksUp = parts.looksUp ?? false
    this.hasBefore = parts.hasBefore ?? false
    this.hasRow = parts.hasRow ?? false
    this.#parts = parts
  }

  /** Whether all values are columns of the type that the user's table has. */
  get isTyped(): boolean {
    return this.#parts.value === undefined
  }

  /** The same with other counts, after rows were added to the table or removed from it. */
  with(counts: Partial<ClassifiedCounts>): Classified {
    return new Classified({ ...this.#parts, counts: { ...this.counts, ...counts } })
  }

  /** How many rows are inserted. */
  get inserted(): number {
    return this.insertsNew ? this.counts.new : 0
  }

  /** The new value of a column of the row `c`, by its index. @param from instead of `c.` */
  value(index: number, from = sql`c.`): Fragment {
    return this.#parts.value?.(index, from) ?? sql`${from}${valueName(index)}`
  }

  /** The new value of the column that an aggregate counts, without an alias. */
  counted({ column }: Aggregate): Fragment {
    return this.value(this.#indexOf(column), sql``)
  }

  /** The value that an aggregate counts now, without an alias. */
  old(aggregate: Aggregate): Fragment {
    return this.hasRow
      ? rowName(this.#indexOf(aggregate.column))
      : oldName(this.aggregates.indexOf(aggregate))
  }

  /** A condition, without an alias: the value that an aggregate counts does not stay the same, byte by byte. */
  isMoved(aggregate: Aggregate): Fragment {
    const [value, old] = [this.counted(aggregate), this.old(aggregate)]
    // By this collation only the same bytes are equal; that takes half of the time of a comparison of rows.
    const bytesOf = (text: Fragment) => sql`CAST(${text} AS text) COLLATE pg_catalog."C"`
    return this.columns[this.#indexOf(aggregate.column)]?.stored?.text
      ? sql`${bytesOf(value)} IS DISTINCT FROM ${bytesOf(old)}`
      : sql`pg_catalog.record_image_ne(ROW(${value}), ROW(${old}))`
  }

  /** The value that a column of the row `c` has now, by its index; see `hasRow`. */
  now(index: number): Fragment {
    return sql`c.${rowName(index)}`
  }

  /** A condition: the row `c` and a row `t` of the table have the same key. */
  sameKey(): Fragment {
    return list(
      this.columns.flatMap(({ key, target }, index) =>
        key ? [sql`t.${ident(target)} = ${this.value(index)}`] : [],
      ),
      ' AND ',
    )
  }

  /** A condition: it updates a row. */
  isChanged(from = sql`c.`): Fragment {
    return this.hasDeletes ? sql`${from}op = 'u'` : sql`${from}place IS NOT NULL`
  }

  /** A condition: it inserts or updates a row. */
  isWritten(from = sql`c.`): Fragment {
    if (!this.insertsNew) return this.isChanged(from)
    return this.hasDeletes ? sql`${from}op <> 'd'` : sql`true`
  }

  #indexOf(name: string): number {
    return this.columns.findIndex(({ target }) => target === name)
  }
}

export function rowName(index: number): Fragment {
  return ident(`w${index + 1}`)
}

export function valueName(index: number): Fragment {
  return ident(`v${index + 1}`)
}

export function oldName(index: number): Fragment {
  return ident(`o${index + 1}`)
}
