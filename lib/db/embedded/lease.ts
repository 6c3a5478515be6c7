import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from './cluster.js'
import { type Client, type Connection, connect, type Session, unlessAway } from './connect.js'
import { Postmaster } from './postmaster.js'

/** A share in the running server. */
export interface Lease {
  readonly connection: Connection
  /** The last lease to be given back stops the server, unless it was asked to stay. */
  leave(): Promise<void>
}

/** A number for the advisory lock that nobody else uses: "dasy" in ASCII. */
const MEMBERS = 0x64617379

/** How long to wait for a server that recovers. If it takes longer, the next command stops it. */
const RECOVERY_MS = 10_000

/**
 * A lease is a shared advisory lock, held by a connection. It ends with the process, however that ends, so it cannot go
 * stale. A process is the last one if it can take the lock exclusively.
 */
export class Membership implements Lease {
  private readonly postmaster: Postmaster
  private leaving: Promise<void> | undefined

  private constructor(
    private readonly cluster: Cluster,
    private readonly session: Session,
  ) {
    this.postmaster = new Postmaster(cluster)
    // It waits for nothing, so it must not keep the process alive.
    session.client.unref()
  }

  get connection(): Connection {
    return this.session.connection
  }

  /** Undefined if there is no server, or if it is about to stop. */
  static async enter(cluster: Cluster): Promise<Membership | undefined> {
    const session = await connect(cluster)
    if (!session) return undefined
    const entered = await unlessAway(async () => {
      // Waits for a process that is the last one and stops the server; the connection then ends.
      await session.client.query('SELECT pg_advisory_lock_shared($1)', [MEMBERS])
      // During a shutdown the other session may end before this one, which then gets the lock. Check again.
      await session.client.query('SELECT 1')
      return new Membership(cluster, session)
    })
    if (!entered) await close(session.client)
    return entered
  }

  /** Asks the server to stay after the last lease. */
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
    while (!(session && (await this.leaveThrough(session)))) {
      // When a session crashes, PostgreSQL ends all others, recovers and continues: try again.
      if (Date.now() > deadline || !(await this.postmaster.live())) return
      await sleep(20)
      session = await connect(this.cluster)
    }
  }

  /** False if the connection broke before the answer. */
  private async leaveThrough({ client, instance }: Session): Promise<boolean> {
    client.ref()
    try {
      const last = await unlessAway(() => isLast(client))
      if (last && !(await this.cluster.isKept(instance))) await this.postmaster.stop()
      return last !== undefined
    } finally {
      await close(client)
    }
  }
}

/** Release the shared lock first, then take it exclusively: if two processes leave at once, the later one gets it. */
async function isLast(client: Client): Promise<boolean> {
  await client.query('SELECT pg_advisory_unlock_shared($1)', [MEMBERS])
  const { rows } = await client.query<{ last: boolean }>('SELECT pg_try_advisory_lock($1) AS last', [MEMBERS])
  return rows[0]?.last === true
}

async function close(client: Client): Promise<void> {
  await client.end().catch(() => {}) // it may be gone already
}
