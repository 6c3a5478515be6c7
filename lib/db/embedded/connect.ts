import pg from 'pg'
import { majorVersion, newClient, promisedBackend } from '../client.js'
import { applySettings } from '../session-settings.js'
import { type Cluster, DATABASE, USER } from './cluster.js'
import { serverError } from './errors.js'
import { type Instance, Postmaster } from './postmaster.js'

/** Connection settings for `pg`. */
export interface Connection {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  /** Explicit, because a PGSSLMODE in the environment is meant for another server. */
  readonly ssl: false
}

/** A running server, and a connection to it. */
export interface Session {
  readonly client: Client
  readonly instance: Instance
  readonly connection: Connection
}

/** pg has these two properties, its types do not. */
export type Client = pg.Client & { ref(): void; unref(): void }

const TIMEOUT_MS = 10_000

/** Connects to the server of a cluster, if one accepts connections now. */
export async function connect(cluster: Cluster): Promise<Session | undefined> {
  const postmaster = new Postmaster(cluster)
  const instance = await postmaster.instance()
  // Another program may use the port by now; a socket in dasy's own folder is safe.
  if (!instance || (!instance.socket && !(await postmaster.live()))) return undefined
  const connection: Connection = {
    host: instance.socket ?? '127.0.0.1',
    port: instance.port,
    user: USER,
    password: await cluster.password(),
    database: DATABASE,
    ssl: false,
  }
  const client = newClient(connection, 'dasy lease', TIMEOUT_MS) as Client
  // When the server dies, this connection tells so, and nobody may be asking just then.
  client.on('error', () => {})
  return await unlessAway(async () => {
    await client.connect()
    await applySettings(
      { results: async (text) => [await client.query(text)].flat().map(({ rows }) => rows) },
      promisedBackend(client),
      majorVersion(client),
    )
    return { client, instance, connection }
  })
}

/**
 * Undefined if the server is not available: stopped, starting, stopping, or gone during the query. The caller can wait
 * for that, but not for other errors.
 */
export async function unlessAway<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    const answer = error instanceof pg.DatabaseError ? error.code : undefined
    if (answer === undefined || answer.startsWith('57P')) return undefined
    throw serverError(
      'EMBEDDED_REFUSED',
      `the embedded server refuses the connection: ${(error as Error).message}`,
      undefined,
      error,
    )
  }
}
