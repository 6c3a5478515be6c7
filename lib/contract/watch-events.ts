import type { QueueNews } from './queue-events.js'
import type { RunError } from './receipt.js'

/** What `watch` tells: what happens in the folders, and what `work` tells of the runs. */
export type WatchNews =
  | QueueNews
  | News<
      'watch.started',
      { readonly host: string; readonly pid: number; readonly folders: readonly string[] }
    >
  | News<'watch.stopped', { readonly host: string; readonly pid: number }>
  /** It is not there (yet), or cannot be read. */
  | News<'folder.unreadable', { readonly folder: string; readonly message: string }>
  | News<'folder.readable', { readonly folder: string }>
  /** The system tells no events about it: only `--poll` notices files. */
  | News<'folder.polled', { readonly folder: string; readonly message: string }>
  | News<'file.enqueued', FileFacts & { readonly run: number }>
  /** Loaded, and moved to `target`. */
  | News<'file.loaded', Filed & { readonly run: number }>
  /** Not loaded, because the last file, that of the run, had the same content. */
  | News<'file.same', Filed & { readonly run: number | null }>
  | News<'file.failed', Filed & { readonly run: number | null; readonly error: RunError | null }>
  /** Another file has its name now, or none; its load has ended. */
  | News<'file.replaced', FileFacts & { readonly run: number | null }>
  /** It stays where it is, and nothing is done with it: it matches no dataset, several, or is a symbolic link. */
  | News<'file.ignored', { readonly file: string; readonly message: string }>
  /** It cannot be opened or moved now, and is tried again. */
  | News<'file.waiting', { readonly file: string; readonly message: string }>
  | News<'alert.raised' | 'alert.cleared', AlertFacts>

interface News<Type extends string, Data> {
  readonly type: Type
  readonly data: Data
}

interface FileFacts {
  readonly file: string
  readonly dataset: string
}

interface Filed extends FileFacts {
  /** Where it is now. */
  readonly target: string
}

/** What is told of something that went wrong. */
export interface AlertFacts {
  readonly cause: AlertCause
  readonly dataset: string
  readonly file: string | null
  readonly run: number | null
  readonly message: string
}

export type AlertCause = 'late' | 'missing' | 'failed' | 'rejects'

/** The same with its time, as ISO 8601 has it. */
export type WatchEvent = WatchNews & { readonly timestamp: string }

export type WatchListener = (event: WatchEvent) => void
