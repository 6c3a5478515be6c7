import pg from 'pg'

/** Node's TLS options as plain data; `verifyHost: false` is libpq's verify-ca. */
export type Tls = boolean | (Record<string, unknown> & { readonly verifyHost?: boolean })

/** Where a session goes: plain data, so that it can be handed to a worker thread. */
export interface Connection {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  readonly password?: string
  readonly ssl?: Tls
  readonly options?: string
  readonly connectTimeoutMs?: number
  /** It leads through a pool that is known to keep a backend for a client as long as that is connected. */
  readonly pooled?: boolean
}

// bigint (counts and byte offsets, all far below 2^53) as numbers.
const types = new pg.TypeOverrides()
types.setTypeParser(pg.types.builtins.INT8, Number)

/** A client of node-postgres, not connected yet. */
export function newClient(
  { ssl, pooled, connectTimeoutMs, ...settings }: Connection,
  name: string,
  timeoutMs: number,
): pg.Client {
  const client = new pg.Client({
    ...settings,
    ...(ssl !== undefined && { ssl: tlsOptions(ssl) }),
    types,
    application_name: name,
    connectionTimeoutMillis: timeoutMs,
    keepAlive: true,
  })
  internals(client).connection.on('parameterStatus', ({ parameterName, parameterValue }) => {
    if (parameterName === 'server_version') versions.set(client, Number.parseInt(parameterValue, 10))
  })
  return client
}

/** What the types of node-postgres do not tell. */
interface Internals {
  readonly processID: number
  readonly connection: {
    readonly stream: { destroy(): void }
    on(
      event: 'parameterStatus',
      told: (status: { parameterName: string; parameterValue: string }) => void,
    ): void
  }
}

function internals(client: pg.Client): Internals {
  return client as unknown as Internals
}

const versions = new WeakMap<pg.Client, number>()

/** The server's major version, as it says when a client connects. */
export function majorVersion(client: pg.Client): number {
  return versions.get(client) ?? 0
}

/** The process id of the backend, as whoever answered the connection has told it: a pool tells some number. */
export function promisedBackend(client: pg.Client): number {
  return internals(client).processID
}

/** Drops a connection without a word. */
export function drop(client: pg.Client): void {
  internals(client).connection.stream.destroy()
}

function tlsOptions(ssl: Tls): boolean | Record<string, unknown> {
  if (typeof ssl === 'boolean') return ssl
  const { verifyHost, ...options } = ssl
  return verifyHost === false ? { ...options, checkServerIdentity: () => undefined } : options
}
