import { relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Cluster } from './cluster.js'
import { connect, unlessAway } from './connect.js'
import { createCluster, demandVersion, sweep } from './create.js'
import { serverError } from './errors.js'
import { Folders } from './folders.js'
import { type Lease, Membership } from './lease.js'
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
  /** Whether it stays after the last command. */
  readonly stays: boolean
  readonly pid: number | null
  readonly host: string | null
  readonly port: number | null
  /** The folder of its socket, if it has one. */
  readonly socket: string | null
  readonly version: string | null
  readonly startedAt: Date | null
}

/** Starts to try: the port may be taken meanwhile, or processes of a dead server may still exist. */
const MOST_FAILURES = 12

/** How long to wait while another process starts or stops the server. */
const PATIENCE_MS = 5 * 60_000

/**
 * The embedded PostgreSQL, one per home.
 *
 * There are no locks or counters of its own. PostgreSQL refuses a second server for the same data, and advisory locks show
 * who uses it (lease.ts). So whatever is killed, the next command finds a consistent state.
 */
export class EmbeddedServer {
  private readonly place: Promise<Folders>
  private readonly note: (line: string) => void

  /** `note` gets lines for the user. */
  constructor(options: { home: string; note?: ((line: string) => void) | undefined }) {
    this.place = Folders.of(options.home)
    const said = new Set<string>()
    this.note = (line) => {
      if (!said.has(line)) options.note?.(line)
      said.add(line)
    }
  }

  /** Whether it was ever started. */
  async exists(): Promise<boolean> {
    return (await this.cluster()) !== undefined
  }

  /** Starts the server, or joins the running one. */
  async join(): Promise<Lease> {
    return withStopOnExit(await this.enter(), (await this.place).home)
  }

  /** Stops the server, unless it is used or was asked to stay. */
  async stopIfUnused(): Promise<void> {
    const cluster = await this.cluster()
    const member = cluster && (await Membership.enter(cluster))
    await member?.leave()
  }

  /** Starts or joins the server, and asks it to stay. */
  async keep(): Promise<ServerStatus> {
    const member = await this.enter()
    try {
      await member.keep()
    } finally {
      await member.leave()
    }
    return await this.status()
  }

  /** Shuts the server down, even if it is used. @returns false if there was none */
  async stop(): Promise<boolean> {
    const cluster = await this.cluster()
    if (!cluster) return false
    const stopped = await new Postmaster(cluster).stop()
    await cluster.forget()
    return stopped
  }

  /** A server runs if it accepts a connection: a process number in a file proves nothing. */
  async status(): Promise<ServerStatus> {
    const { home } = await this.place
    const cluster = await this.cluster()
    const session = cluster && (await connect(cluster))
    if (!session) return { ...NOT_RUNNING, home, dataDirectory: cluster?.data ?? null }
    const { client, instance } = session
    const shown = await unlessAway(() => client.query<{ server_version: string }>('SHOW server_version'))
    await client.end()
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
    await session.client.end()
    const { user, password, port, database } = session.connection
    return `postgresql://${user}:${password}@127.0.0.1:${port}/${database}`
  }

  /** Stops the server and removes all its files. */
  async destroy(): Promise<void> {
    await this.stop()
    await (await this.place).remove()
  }

  private async cluster(): Promise<Cluster | undefined> {
    const folder = await (await this.place).cluster()
    return folder === undefined ? undefined : new Cluster(folder)
  }

  private async enter(): Promise<Membership> {
    const deadline = Date.now() + PATIENCE_MS
    let failures = 0
    let nextTry = 0
    for (; ; await sleep(10)) {
      const cluster = await this.cluster()
      const member = cluster && (await Membership.enter(cluster))
      if (member) return member
      // Another command starts or stops it: wait for it.
      const busy = cluster && Date.now() < deadline && (await new Postmaster(cluster).live())
      if (busy || Date.now() < nextTry) continue

      const failure = await this.start()
      if (failure === undefined) continue
      failures += 1
      nextTry = Date.now() + failures * 100
      if (failures === MOST_FAILURES)
        throw serverError('EMBEDDED_START', `the embedded server does not start: ${failure}`)
    }
  }

  private async start(): Promise<string | undefined> {
    const site = await (await this.place).settle(this.note)
    const cluster = new Cluster(site.cluster)
    await sweep(site.cluster)
    if (!(await this.cluster())) {
      const { home } = await this.place
      const shown = relative(process.cwd(), home)
      const where = shown === '' || shown.startsWith('..') ? home : shown
      this.note(`making a PostgreSQL ${site.binaries.major} in ${where} (only the first time)`)
      await createCluster(site.cluster, site.binaries, site.as)
    }
    await demandVersion(cluster, site.binaries)
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
