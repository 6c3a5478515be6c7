import type { DatabaseOptions } from './options.js'

/** The options of the service's functions. */

/** What a token allows; each includes those before it. */
export const SCOPES = ['read', 'write', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** The options of `createToken`. */
export interface CreateTokenOptions extends DatabaseOptions {
  scope?: Scope | undefined
  /** When it ends: in so many seconds, or in `'90d'`. Never if not given. */
  expires?: number | string | undefined
}

/** What a client can name addresses for. */
export const PRIVATE_USES = ['urls', 'webhooks'] as const
export type PrivateUse = (typeof PRIVATE_USES)[number]

/** The options of `serve`. */
export interface ServeOptions extends DatabaseOptions {
  /** 0: any that is free. */
  port?: number | undefined
  host?: string | undefined
  /** The files of a certificate and of its key: for https. */
  tls?: { readonly cert: string; readonly key: string } | undefined
  /** The largest upload: bytes, or `'10GiB'`. */
  maxUpload?: number | string | undefined
  /** The address by which it is reached, if another server stands before it. */
  publicUrl?: string | undefined
  /** The addresses of the servers before it, whose headers X-Forwarded-For and -Proto are believed. */
  trustProxy?: string | undefined
  /** Whether this process loads what it is sent, as `work` does. */
  work?: boolean | undefined
  /** How many loads this process has at work at a time. */
  concurrency?: number | undefined
  /** For what it may connect to private addresses that a client names: to fetch sources, to send webhooks. */
  allowPrivate?: readonly PrivateUse[] | undefined
  /** The path of the configuration: dasy.config.json in the working directory. */
  config?: string | undefined
  /** The caller shows the first token to the user; otherwise it is left in the file DASY_HOME/admin-token. */
  showsToken?: boolean | undefined
  /** Called when it listens, and when it has stopped. `onEvent` gets the notes. */
  onServiceEvent?: ServiceListener | undefined
  /** Ends it: requests at work get ten seconds. */
  signal?: AbortSignal | undefined
}

export type ServiceNews =
  | {
      readonly type: 'serve.started'
      readonly data: {
        readonly url: string
        readonly pid: number
        /** The first admin token, of a database that has had none, or the file in which it is. */
        readonly token: string | null
        readonly tokenFile: string | null
      }
    }
  | { readonly type: 'serve.stopped'; readonly data: { readonly pid: number } }

/** The same with its time, as ISO 8601 has it. */
export type ServiceEvent = ServiceNews & { readonly timestamp: string }

export type ServiceListener = (event: ServiceEvent) => void
