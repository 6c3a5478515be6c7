import type { PrivateUse, Scope } from '../contract/service-options.js'
import type { Database } from '../db/database.js'
import type { Credential } from '../ledger/tokens.js'
import type { Metrics } from '../observe/metrics.js'
import type { Sessions } from './sessions.js'

/** What the routes share. */
export interface Service {
  readonly database: Database
  readonly sessions: Sessions
  readonly config: string | undefined
  /** The folder DASY_HOME. */
  readonly home: string
  /** Bytes. */
  readonly maxUpload: number
  readonly allowPrivate: readonly PrivateUse[]
  /** By which clients know it: `https://host:port`. */
  readonly url: () => string
  /** Whether it is reached by https. */
  readonly isSecure: boolean
  readonly note: (line: string) => void
  readonly metrics: Metrics
  /** Aborted when the service is to stop: whatever waits must end. */
  readonly stopping: AbortSignal
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a credential must allow for this route; `open` needs none. Every route has it. */
    scope?: Scope | 'open'
    /** Whether people open it in a browser, which can ask them for a token. */
    isPage?: boolean
  }
  interface FastifyRequest {
    /** Of every request whose route is not open. */
    credential: Credential | null
  }
}
