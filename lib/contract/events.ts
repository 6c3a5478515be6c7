/** How far a load is, for whoever shows it. Called often: implementations must be cheap. */
export interface Progress {
  /** A phase begins; bytes are those of the source, undefined where its size is unknown. */
  phase?(phase: Activity, totalBytes?: number): void
  /** A range is staged, or looked at. */
  advanced?(bytes: number, records: number): void
  /** What an earlier attempt staged: it is done, but says nothing of how fast this one is. */
  resumed?(bytes: number, records: number): void
  /** A step of the merge begins. */
  step?(name: string): void
  /** How long the merge will take with the aggregates, by the times of earlier runs. */
  expected?(seconds: number): void
}

export type Phase = 'start' | 'plan' | 'copy' | 'merge' | 'aggregate'

/** What somebody may wait for: a phase of a load, or that sources are looked through. */
export type Activity = Phase | 'inspect'
