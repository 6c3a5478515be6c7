import { relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Cluster } from './cluster.js'
import { close, connect, ifAvailable } from './connect.js'
import { createCluster, removeDrafts, requireVersion } from './create.js'
import { serverError } from './errors.js'
import { Folders } from './folders.js'
import { type Lease, LockLease } from './lease.js'
import { Postmaster } from './postmaster.js'
import { startServer } from './start.js'
import { withStopOnExit } from './stop-on-exit.js'

export type { Connection } from './connect.js'
export type { Lease } from './lease.js'

export interface ServerStatus {
  readonly running: boolean
  readonly home: string
  /** Null before the first start. */
  readonly dataDirectory: string | null
  /** Whether it keeps running after the last command. */
  readonly stays: boolean
  readonly pid: number | null
  readonly host: string | null
  readonly port: number | null
  /** The folder of its socket, if it has one. */
  readonly socket: string | null
  readonly version: string | null
  readonly startedAt: Date | null
}

/** How often to try to start it: the port may be taken meanwhile, or processes of a dead server may still exist. */
const MAX_STARTS = 12

/** How long to wait while another process starts or stops the server. */
const JOIN_MS = 5 * 60_000

/**
 * The embedded PostgreSQL server, one for each DASY_HOME.
 *
 * dasy keeps no lock files and no counters: PostgreSQL refuses a second server for the same data, and advisory locks show
 * which processes use it (lease.ts). Whichever process is killed, the next command finds a consistent state.
 */
export class EmbeddedServer {
  private readonly folders: Promise<Folders>
  private readonly note: (line: string) => void

  /** @param options.note prints a line for the user; each different line once */
  constructor(options: { home: string; note?: ((line: string) => void) | undefined }) {
    this.folders = Folders.of(options.home)
    const printed = new Set<string>()
    this.note = (line) => {
      if (!printed.has(line)) options.note?.(line)
      printed.add(line)
    }
  }

  /** Whether it was ever started. */
  async exists(): Promise<boolean> {
    return (await this.cluster()) !== undefined
  }

  /** Starts the server, or joins the running one. */
  async join(): Promise<Lease> {
    return withStopOnExit(await this.acquire(), (await this.folders).home)
  }

  /** Stops the server, unless it is used or kept running. */
  async stopIfUnused(): Promise<void> {
    const cluster = await this.cluster()
    const lease = cluster && (await LockLease.acquire(cluster))
    await lease?.leave()
  }

  /** Starts or joins the server, and keeps it running after the last command. */
  async keep(): Promise<ServerStatus> {
    const lease = await this.acquire()
    try {
      await lease.keep()
    } finally {
      await lease.leave()
    }
    return await this.status()
  }

  /** Shuts the server down, even if it is used. @returns false if there was none */
  async stop(): Promise<boolean> {
    const cluster = await this.cluster()
    if (!cluster) return false
    const stopped = await new Postmaster(cluster).stop()
    await cluster.unkeep()
    return stopped
  }

  /** A server is running if it accepts a connection: a process id in a file proves nothing. */
  async status(): Promise<ServerStatus> {
    const { home } = await this.folders
    const cluster = await this.cluster()
    const session = cluster && (await connect(cluster))
    if (!session) return { ...NOT_RUNNING, home, dataDirectory: cluster?.data ?? null }
    const { client, instance } = session
    const shown = await ifAvailable(() => client.query<{ server_version: string }>('SHOW server_version'))
    await close(client)
    return {
      running: true,
      home,
      dataDirectory: cluster.data,
      stays: await cluster.isKept(instance),
      pid: instance.pid,
      host: '127.0.0.1',
      port: instance.port,
      socket: instance.socket ?? null,
      version: shown?.rows[0]?.server_version ?? null,
      startedAt: instance.startedAt,
    }
  }

  /** A connection string for psql and other programs, with the password. */
  async url(): Promise<string> {
    const cluster = await this.cluster()
    const session = cluster && (await connect(cluster))
    if (!session)
      throw serverError(
        'EMBEDDED_NOT_RUNNING',
        'the embedded server is not running',
        'Start it: dasy db start',
      )
    await close(session.client)
    const { user, password, port, database } = session.connection
    return `postgresql://${user}:${password}@127.0.0.1:${port}/${database}`
  }

  /** Stops the server and removes all its files. */
  async destroy(): Promise<void> {
    await this.stop()
    await (await this.folders).remove()
  }

  private async cluster(): Promise<Cluster | undefined> {
    const folder = await (await this.folders).cluster()
    return folder === undefined ? undefined : new Cluster(folder)
  }

  private async acquire(): Promise<LockLease> {
    const deadline = Date.now() + JOIN_MS
    let failures = 0
    let nextTry = 0
    for (; ; await sleep(10)) {
      const cluster = await this.cluster()
      const lease = cluster && (await LockLease.acquire(cluster))
      if (lease) return lease
      // Another command is starting or stopping it: wait.
      const busy = cluster && Date.now() < deadline && (await new Postmaster(cluster).live())
      if (busy || Date.now() < nextTry) continue

      const failure = await this.start()
      if (failure === undefined) continue
      failures += 1
      nextTry = Date.now() + failures * 100
      if (failures === MAX_STARTS)
        throw serverError('EMBEDDED_START', `the embedded server did not start: ${failure}`)
    }
  }

  /** Starts the server, and creates its cluster first if there is none. @returns why it did not start, if so */
  private async start(): Promise<string | undefined> {
    const site = await (await this.folders).locate(this.note)
    const cluster = new Cluster(site.cluster)
    await removeDrafts(site.cluster)
    if (!(await this.cluster())) {
      const { home } = await this.folders
      const shown = relative(process.cwd(), home)
      const where = shown === '' || shown.startsWith('..') ? home : shown
      this.note(`making a PostgreSQL ${site.binaries.major} in ${where} (only the first time)`)
      await createCluster(site.cluster, site.binaries, site.as)
    }
    await requireVersion(cluster, site.binaries)
    return await startServer(site, this.note)
  }
}

const NOT_RUNNING = {
  running: false,
  stays: false,
  pid: null,
  host: null,
  port: null,
  socket: null,
  version: null,
  startedAt: null,
} as const
