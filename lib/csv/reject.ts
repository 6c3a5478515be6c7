/** A record that cannot be loaded. */
export interface Reject {
  /** The number of its source, from 0. */
  readonly source: number
  /** The offset of its first byte in the source. */
  readonly byte: number
  /** The physical line on which it begins, from 1. */
  readonly line: number
  readonly reason: string
  /** Its original bytes. */
  readonly record: Uint8Array
  /** Whether `record` is complete. */
  readonly complete: boolean
  /** Whether it was staged, because its fault was found in SQL; staged records have positions. */
  readonly staged: boolean
}
