import type { DatabaseOptions } from './options.js'
import type { ReachOptions } from './queue-options.js'
import type { WatchListener } from './watch-events.js'

/** The options of `watch`. */
export interface WatchOptions extends DatabaseOptions, ReachOptions {
  /** The path of the configuration: dasy.config.json in the working directory. */
  config?: string | undefined
  /** Handles what lies there, and ends. */
  once?: boolean | undefined
  /** Whether this process loads what it finds, as `work` does. If false, it only enqueues. */
  work?: boolean | undefined
  /** How many loads this process has at work at a time. */
  concurrency?: number | undefined
  /** Leaves the files where they are. */
  keep?: boolean | undefined
  /** How often it looks at the folders, whatever the system tells, in seconds, or as `'1m'`. */
  poll?: number | string | undefined
  /** For how long a file must not change, in seconds, or as `'10s'`. */
  settle?: number | string | undefined
  /** Takes symbolic links for the files to which they lead. */
  followLinks?: boolean | undefined
  /** Called with everything that happens. `onEvent` gets the notes and the progress of the loads. */
  onWatchEvent?: WatchListener | undefined
  /** Ends it: the load at work is interrupted, and stays in the queue. */
  signal?: AbortSignal | undefined
}
