/** The position of a staged record, as staging knows it. */
export interface StagedPosition {
  /** The ordinal of its source. */
  readonly source: number
  /** The first byte of its range plus its number among the staged records of that range. */
  readonly place: number
  /** The record, reconstructed from its fields, if its source cannot be read again. */
  readonly rewritten?: Buffer | undefined
}
