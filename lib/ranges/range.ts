/**
 * A piece of a source that begins and ends at certain record boundaries: what a worker loads at a time.
 * Plain data, because it is sent to a worker thread.
 */
export interface Range {
  /** Ordinal of the source. */
  readonly source: number
  /** Absolute bytes of the text, end exclusive. */
  readonly start: number
  readonly end: number
  /** Physical line of the first record, from 1. */
  readonly line: number
  /** The physical line after the last record. */
  readonly nextLine: number
  /** Data records that the scan counts, including bad ones. */
  readonly records: number
  /** Whether COPY would refuse these bytes, or read them wrongly. */
  readonly flagged: boolean
  /** Its share of the source's size. */
  readonly delivered: number
  /**
   * The text itself, if the worker cannot read it; transferred, not copied. For a record that is too long, which is then
   * the only one, just its beginning.
   */
  readonly block?: Uint8Array
}

/** Whether only a part of its text was handed over. */
export function isPartial({ start, end, block }: Range): boolean {
  return block !== undefined && block.length < end - start
}
