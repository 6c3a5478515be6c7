import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from './cluster.js'
import { type Client, type Connection, connect, type Session, unlessAway } from './connect.js'
import { Postmaster } from './postmaster.js'

/** A share in the running server. */
export interface Lease {
  readonly connection: Connection
  /** The last to leave stops the server, unless it was asked to stay. */
  leave(): Promise<void>
}

/** Any number that nobody else uses for an advisory lock: "dasy" in ASCII. */
const MEMBERS = 0x64617379

/** How long one who leaves waits for a server that recovers. Should it take longer, the next command sees to it. */
const RECOVERY_MS = 10_000

/**
 * Membership is a shared advisory lock, held by a connection. It ends with the process, however that
 * ends, so there is nothing to go stale; and "am I the last?" is "can I have the lock alone?".
 */
export class Membership implements Lease {
  private readonly postmaster: Postmaster
  private leaving: Promise<void> | undefined

  private constructor(
    private readonly cluster: Cluster,
    private readonly session: Session,
  ) {
    this.postmaster = new Postmaster(cluster)
    // It waits for nothing, so it keeps no process alive.
    session.client.unref()
  }

  get connection(): Connection {
    return this.session.connection
  }

  /** Undefined where there is no server now, or one that is about to stop. */
  static async enter(cluster: Cluster): Promise<Membership | undefined> {
    const session = await connect(cluster)
    if (!session) return undefined
    const entered = await unlessAway(async () => {
      // Waits for one who has just found itself to be the last, and ends with the server that it stops.
      await session.client.query('SELECT pg_advisory_lock_shared($1)', [MEMBERS])
      // In a shutdown that one's session may end, and hand us the lock, before ours does. Ask again.
      await session.client.query('SELECT 1')
      return new Membership(cluster, session)
    })
    if (!entered) await close(session.client)
    return entered
  }

  /** Asks the server to stay when the last has left. */
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
      // When one session crashes, PostgreSQL cuts all the others, recovers and goes on: we must ask again.
      if (Date.now() > deadline || !(await this.postmaster.live())) return
      await sleep(20)
      session = await connect(this.cluster)
    }
  }

  /** False where the server did not hear us out. */
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

/** First out, then alone in: of two who leave at once, the later one finds nobody. */
async function isLast(client: Client): Promise<boolean> {
  await client.query('SELECT pg_advisory_unlock_shared($1)', [MEMBERS])
  const { rows } = await client.query<{ last: boolean }>('SELECT pg_try_advisory_lock($1) AS last', [MEMBERS])
  return rows[0]?.last === true
}

async function close(client: Client): Promise<void> {
  await client.end().catch(() => {}) // it may be gone already
}
