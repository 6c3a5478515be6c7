import pg from 'pg'
import { announcedBackend, majorVersion, newClient } from '../client.js'
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
  /** Explicit, because PGSSLMODE in the environment applies to another server. */
  readonly ssl: false
}

/** A connection to the running server. */
export interface Session {
  readonly client: Client
  readonly instance: Instance
  readonly connection: Connection
}

/** Methods of pg's client that its types lack. */
export type Client = pg.Client & { ref(): void; unref(): void }

const TIMEOUT_MS = 10_000

/** Connects to the server of a cluster. @returns undefined if no server accepts connections now */
export async function connect(cluster: Cluster): Promise<Session | undefined> {
  const postmaster = new Postmaster(cluster)
  const instance = await postmaster.instance()
  // Another program may use the port by now. A socket in dasy's own folder belongs to this server.
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
  // Without a listener, the error of a server that dies would end the process.
  client.on('error', () => {})
  return await ifAvailable(async () => {
    await client.connect()
    try {
      await applySettings(
        { results: async (text) => [await client.query(text)].flat().map(({ rows }) => rows) },
        announcedBackend(client),
        majorVersion(client),
      )
    } catch (error) {
      await close(client)
      throw error
    }
    return { client, instance, connection }
  })
}

/** Ends the connection. Errors are ignored, because the server may have ended. */
export async function close(client: Client): Promise<void> {
  await client.end().catch(() => {})
}

/**
 * Runs `work`, which uses the server.
 * @returns undefined if the server is stopped, starting or stopping, or has ended during the work: the caller can wait for it
 * @throws DasyError EMBEDDED_REFUSED for any other error of the server
 */
export async function ifAvailable<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    const answer = error instanceof pg.DatabaseError ? error.code : undefined
    if (answer === undefined || answer.startsWith('57P')) return undefined
    throw serverError(
      'EMBEDDED_REFUSED',
      `the embedded server refused the connection: ${(error as Error).message}`,
      undefined,
      error,
    )
  }
}
