/** How far a load is, for whoever shows it. Called often: implementations must be cheap. */
export interface Progress {
  /** A phase begins; bytes are those of the source, undefined where its size is unknown. */
  phase?(phase: Activity, totalBytes?: number): void
  /** A range is staged, or looked at. */
  advanced?(bytes: number, records: number): void
}

export type Phase = 'plan' | 'copy' | 'merge' | 'aggregate'

/** What somebody may wait for: a phase of a load, or that sources are looked through. */
export type Activity = Phase | 'inspect'
