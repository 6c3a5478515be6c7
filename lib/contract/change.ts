/** What a run does to one key of a table. */
export type Operation = 'insert' | 'update' | 'delete'

/** Values by column, as PostgreSQL writes them (DateStyle ISO, TimeZone UTC, bytea hex), or null. */
export type Values = Readonly<Record<string, string | null>>

/** Where the record of a change is; null if it has none, or if that is not known. */
export interface Place {
  /** The name of its source. */
  readonly source: string | null
  /** The offset of the record in the text of its source. */
  readonly byte: number | null
  /** Its line; null if the source cannot be read any more. */
  readonly line: number | null
}

/** A change of one row. An insert has no `old`, and all stored columns in `new`; a delete the other way round. */
export interface Change extends Place {
  readonly op: Operation
  readonly key: Values
  /** Of an update: the columns that changed. */
  readonly old?: Values
  readonly new?: Values
}

/** A change of the row that `blame` was asked about. */
export interface KeyChange extends Omit<Change, 'key'> {
  readonly run: number
  readonly time: Date
  readonly command: string
}

/** The row is not as the last run left it. */
export interface ChangedOutside {
  readonly outside: true
}

/** Why a change of one row cannot be taken back. */
export interface UndoConflict {
  readonly key: Values
  readonly conflict: 'row gone' | 'row changed' | 'key there again' | 'value refused' | 'row refused'
  /** Of a row that was changed: the values that the run left, and those of now, where they differ. */
  readonly left?: Values
  readonly now?: Values
  /** The later run that changed it; null if it was none. */
  readonly run: number | null
  /** The words of PostgreSQL, where a value or a row is refused. */
  readonly reason?: string
}
