import type {
  ApplyOptions,
  DatabaseOptions,
  LoadOptions,
  PurgeOptions,
  ResumeOptions,
  UndoOptions,
} from './options.js'
import type { QueueListener } from './queue-events.js'

/** The options of the queue's functions. */

/** What everything that is put into the queue has in common. */
export interface QueueOptions {
  /** How often a run is tried that fails with something that may pass. */
  attempts?: number | undefined
  /** Folders that all hosts have under the same path: their files can be loaded by any host. */
  shared?: readonly string[] | undefined
}

/** The options of `enqueue`: those of `ingest`, or with `update` those of `update`. */
export interface EnqueueOptions extends LoadOptions, QueueOptions {
  /** By the rules of `update`: the table must exist, and no column is added. */
  update?: boolean | undefined
  /** Only plan the load. */
  plan?: boolean | undefined
}

export type EnqueueApplyOptions = ApplyOptions & QueueOptions
export type EnqueueResumeOptions = ResumeOptions & QueueOptions
export type EnqueueUndoOptions = UndoOptions & QueueOptions
export type EnqueuePurgeOptions = PurgeOptions & QueueOptions

/** What a process that works for clients of the service may reach. */
export interface ReachOptions {
  /** Fetch what clients of the service have named also from private addresses. */
  allowPrivateUrls?: boolean | undefined
  /** Whether webhooks may have private addresses. */
  allowPrivateWebhooks?: boolean | undefined
}

/** The options of `work`. */
export interface WorkOptions extends DatabaseOptions, ReachOptions {
  /** How many loads this process has at work at a time. */
  concurrency?: number | undefined
  /** Ends when nothing is left. */
  once?: boolean | undefined
  /** Whether it only sends messages to webhooks, and loads nothing. */
  onlySends?: boolean | undefined
  /** Called when a run is begun, loaded, has failed. `onEvent` gets the notes and the progress of the loads. */
  onQueueEvent?: QueueListener | undefined
  /** Ends it: the load at work is interrupted, and stays in the queue. */
  signal?: AbortSignal | undefined
}

/** The options of `jobs`. */
export interface JobsOptions extends DatabaseOptions {
  /** Only the run of this number. */
  run?: number | undefined
  /** How many of those that are done or have failed, the newest first; all if not given. */
  limit?: number | undefined
}

/** The options of `retryJob`. */
export interface RetryOptions extends DatabaseOptions {
  /** Any host may load it, although it was enqueued with a file of one host. */
  anyHost?: boolean | undefined
}
