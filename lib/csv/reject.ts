/** A record that cannot be loaded. */
export interface Reject {
  /** The ordinal of its source. */
  readonly source: number
  /** The absolute offset of its first byte. */
  readonly byte: number
  /** The physical line on which it begins. */
  readonly line: number
  readonly reason: string
  /** Its original bytes. */
  readonly record: Uint8Array
  /** Whether `record` is complete. */
  readonly complete: boolean
  /** Whether it was staged and counts in the positions there: its fault was found in SQL. */
  readonly staged: boolean
}
