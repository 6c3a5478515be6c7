import type { RecordParts } from './record-parts.js'

/**
 * A part of a source that begins and ends at record boundaries: what a worker loads at a time. Plain data, because it is
 * sent to a worker thread.
 */
export interface Range {
  /** Ordinal of the source. */
  readonly source: number
  /** Byte offsets in the source's text; the end is exclusive. */
  readonly start: number
  readonly end: number
  /** Physical line of the first record, from 1. */
  readonly line: number
  /** The physical line after the last record. */
  readonly nextLine: number
  /** Data records that the scan counted, bad ones included. */
  readonly records: number
  /** Whether COPY would refuse these bytes or read them wrongly. */
  readonly flagged: boolean
  /** Bytes of progress: how many of the source's stored or sent bytes this range accounts for. */
  readonly delivered: number
  /**
   * The text, if the worker cannot read the source by itself; transferred, not copied. A record that is too long is a
   * range of its own, whose block is only the beginning of that record.
   */
  readonly block?: Uint8Array
  /** On the direct path: records that are not staged, because they lose to another one with the same key. They count as records. */
  readonly omitted?: RecordParts
  /** On the direct path: records to be rejected, because they have no key. */
  readonly keyless?: RecordParts
}

/** Whether the block has only the beginning of the range's text. */
export function isPartial({ start, end, block }: Range): boolean {
  return block !== undefined && block.length < end - start
}
