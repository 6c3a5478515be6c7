import type { Receipt, RunError } from './receipt.js'

/** What `work` tells: what its process does with the runs of the queue. */
export type QueueNews =
  | News<'work.started', { readonly host: string; readonly pid: number; readonly concurrency: number }>
  | News<'run.started', { readonly run: number; readonly table: string; readonly attempt: number }>
  | News<'run.completed' | 'run.planned', Receipt>
  /** It failed for good, or exceeded a limit of the user's. */
  | News<'run.failed' | 'run.rejected', Stopped>
  /** It failed with something that passes, and is tried again. */
  | News<'run.postponed', Stopped & { readonly attempts: number; readonly seconds: number }>
  /** This process was asked to stop: another one goes on with it. */
  | News<'run.interrupted', { readonly run: number }>
  | News<'run.cancelled', { readonly run: number }>
  | News<'work.stopped', { readonly host: string; readonly pid: number }>

interface News<Type extends string, Data> {
  readonly type: Type
  readonly data: Data
}

/** The same with its time, as ISO 8601 has it. */
export type QueueEvent = QueueNews & { readonly timestamp: string }

interface Stopped {
  readonly run: number
  readonly error: RunError
}

export type QueueListener = (event: QueueEvent) => void
