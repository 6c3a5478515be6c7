import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from './cluster.js'
import { type Client, type Connection, close, connect, ifAvailable, type Session } from './connect.js'
import { Postmaster } from './postmaster.js'

/** The right to use the running server. */
export interface Lease {
  readonly connection: Connection
  /** Releases the lease. The last one stops the server, unless `dasy db start` keeps it running. */
  leave(): Promise<void>
}

/** The advisory lock of all leases: "dasy" in ASCII. */
const LEASES = 0x64617379

/** How long to wait for a server that recovers from a crash. After that, the next command stops it. */
const RECOVERY_MS = 10_000

/**
 * A lease is a shared advisory lock of a connection. PostgreSQL releases it when the process ends, however that ends, so a
 * lease cannot become stale. A process is the last one if it gets the lock exclusively.
 */
export class LockLease implements Lease {
  private readonly postmaster: Postmaster
  private leaving: Promise<void> | undefined

  private constructor(
    private readonly cluster: Cluster,
    private readonly session: Session,
  ) {
    this.postmaster = new Postmaster(cluster)
    // The connection is idle, and must not keep the process running.
    session.client.unref()
  }

  get connection(): Connection {
    return this.session.connection
  }

  /** @returns undefined if there is no server, or if it is about to stop */
  static async acquire(cluster: Cluster): Promise<LockLease | undefined> {
    const session = await connect(cluster)
    if (!session) return undefined
    let lease: LockLease | undefined
    try {
      lease = await ifAvailable(async () => {
        // Waits while the last process stops the server; the connection then ends.
        await session.client.query('SELECT pg_advisory_lock_shared($1)', [LEASES])
        // During a shutdown the other session may end before this one, which then gets the lock: check the connection.
        await session.client.query('SELECT 1')
        return new LockLease(cluster, session)
      })
    } finally {
      if (!lease) await close(session.client)
    }
    return lease
  }

  /** Keeps the server running after the last lease. */
  async keep(): Promise<void> {
    await this.cluster.keep(this.session.instance)
  }

  leave(): Promise<void> {
    this.leaving ??= this.stopIfLast()
    return this.leaving
  }

  private async stopIfLast(): Promise<void> {
    const deadline = Date.now() + RECOVERY_MS
    let session: Session | undefined = this.session
    while (!(session && (await this.releaseBy(session)))) {
      // When a backend crashes, PostgreSQL ends all sessions and recovers: connect again.
      if (Date.now() > deadline || !(await this.postmaster.live())) return
      await sleep(20)
      session = await connect(this.cluster)
    }
  }

  /** Releases the lease, and stops the server if it was the last. @returns false if the connection broke before that */
  private async releaseBy({ client, instance }: Session): Promise<boolean> {
    client.ref()
    try {
      const last = await ifAvailable(() => releaseLock(client))
      if (last && !(await this.cluster.isKept(instance))) await this.postmaster.stop()
      return last !== undefined
    } finally {
      await close(client)
    }
  }
}

/**
 * Releases the shared lock, then tries to get it exclusively: of two processes that do so at the same time, the later one
 * gets it.
 * @returns whether this was the last lease
 */
async function releaseLock(client: Client): Promise<boolean> {
  await client.query('SELECT pg_advisory_unlock_shared($1)', [LEASES])
  const { rows } = await client.query<{ last: boolean }>('SELECT pg_try_advisory_lock($1) AS last', [LEASES])
  return rows[0]?.last === true
}
