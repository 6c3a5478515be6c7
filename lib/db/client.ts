import pg from 'pg'

/** Node's TLS options as plain data; `verifyHost: false` is libpq's verify-ca. */
export type Tls = boolean | (Record<string, unknown> & { readonly verifyHost?: boolean })

/** How to connect to a server: plain data, so that it can be passed to a worker thread. */
export interface Connection {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  readonly password?: string
  readonly ssl?: Tls
  readonly options?: string
  readonly connectTimeoutMs?: number
  /** Set if a connection pool is known to be in between, and to keep one backend for each connected client. */
  readonly pooled?: boolean
}

// Parse bigint as a number: the values are counts and byte offsets, far below 2^53.
const types = new pg.TypeOverrides()
types.setTypeParser(pg.types.builtins.INT8, Number)

/** A client of node-postgres that is not connected yet. */
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
    if (parameterName === 'server_encoding') encodings.set(client, parameterValue)
  })
  return client
}

/** Members of a client that the types of node-postgres lack. */
interface Internals {
  readonly processID: number
  pipeline: boolean
  readonly connection: {
    readonly stream: { cork(): void; uncork(): void; destroy(): void }
    on(
      event: 'parameterStatus',
      listener: (status: { parameterName: string; parameterValue: string }) => void,
    ): void
  }
}

function internals(client: pg.Client): Internals {
  return client as unknown as Internals
}

const versions = new WeakMap<pg.Client, number>()
const encodings = new WeakMap<pg.Client, string>()

/** The server's major version, as the server reports it when a client connects. */
export function majorVersion(client: pg.Client): number {
  return versions.get(client) ?? 0
}

/** The encoding of the database, as the server reports it when a client connects: `UTF8`. */
export function databaseEncoding(client: pg.Client): string | undefined {
  return encodings.get(client)
}

/** The process id of the backend as announced at connection time. A connection pool announces a number of its own. */
export function announcedBackend(client: pg.Client): number {
  return internals(client).processID
}

/**
 * Begins several statements, which are sent in one message: each before the answer to the one before it. Until `endPipeline` so are
 * others that are begun meanwhile; a COPY must wait for that.
 */
export function beginPipeline<Begun>(client: pg.Client, begin: () => Begun): Begun {
  const own = internals(client)
  const { stream } = own.connection
  stream.cork()
  own.pipeline = true
  try {
    return begin()
  } finally {
    stream.uncork()
  }
}

/** When all have ended: from now on a statement is sent after the answer to the one before it. */
export function endPipeline(client: pg.Client): void {
  internals(client).pipeline = false
}

/** Closes the socket at once, without the protocol's Terminate message. */
export function destroy(client: pg.Client): void {
  internals(client).connection.stream.destroy()
}

function tlsOptions(ssl: Tls): boolean | Record<string, unknown> {
  if (typeof ssl === 'boolean') return ssl
  const { verifyHost, ...options } = ssl
  return verifyHost === false ? { ...options, checkServerIdentity: () => undefined } : options
}
