/** How far a load is, for whoever shows it. Called often: implementations must be cheap. */
export interface Progress {
  /** A phase begins; bytes are those of the source, undefined where its size is unknown. */
  phase?(phase: Phase, totalBytes?: number): void
  /** A range is staged. */
  advanced?(bytes: number, records: number): void
}

export type Phase = 'plan' | 'copy' | 'merge' | 'aggregate'
