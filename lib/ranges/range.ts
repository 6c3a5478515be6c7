/**
 * A piece of a source that begins and ends at certain record boundaries: what a worker takes at a time.
 * Plain data, because it travels to a worker's thread.
 */
export interface Range {
  /** Ordinal of the source. */
  readonly source: number
  /** Absolute bytes of the text, end exclusive. */
  readonly start: number
  readonly end: number
  /** Physical line of the first record, from 1. */
  readonly line: number
  /** The physical line behind the last one. */
  readonly nextLine: number
  /** Data records as the scan counts them, faulty ones included. */
  readonly records: number
  /** Whether COPY would not take these bytes as they are, or not rightly. */
  readonly flagged: boolean
  /** Of the source's size, what it stands for. */
  readonly delivered: number
  /**
   * The text itself, where the worker cannot read it for itself; handed over, not copied. Of a record that is too long,
   * which then is the only one, just its beginning.
   */
  readonly block?: Uint8Array
}

/** Whether not all of its text was handed over. */
export function isPartial({ start, end, block }: Range): boolean {
  return block !== undefined && block.length < end - start
}
