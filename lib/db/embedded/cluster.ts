import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { inaccessible } from './errors.js'
import { writePrivate } from './files.js'

/**
 * The superuser and the database of the embedded server. The user is not named "dasy": the default search_path begins with
 * the schema of the user's name, so tables would be created in dasy's own schema.
 */
export const USER = 'postgres'
export const DATABASE = 'dasy'

/**
 * A PostgreSQL cluster and dasy's files beside it. The folder is complete as soon as it exists.
 *
 *     data/      PostgreSQL's data directory; the only part that the server's user owns
 *     password   of the user "postgres"
 *     log        the server's log
 *     kept       identifies the server process that `dasy db start` keeps running, if any
 *
 * The user who created the folder owns the rest. If that is root, the server's user can create no link that root would follow.
 */
export class Cluster {
  readonly data: string
  readonly log: string
  private readonly kept: string

  constructor(readonly folder: string) {
    this.data = join(folder, 'data')
    this.log = join(folder, 'log')
    this.kept = join(folder, 'kept')
  }

  async password(): Promise<string> {
    const file = join(this.folder, 'password')
    return await readFile(file, 'utf8').catch((cause) => {
      throw inaccessible(file, cause)
    })
  }

  /** Keeps this server process running after the last command. After a crash, the next process is not kept. */
  async keep(server: ServerMark): Promise<void> {
    await writePrivate(this.kept, markOf(server))
  }

  async isKept(server: ServerMark): Promise<boolean> {
    return (await readFile(this.kept, 'utf8').catch(() => '')) === markOf(server)
  }

  async unkeep(): Promise<void> {
    await rm(this.kept, { force: true })
  }
}

/** Identifies one process of the server. */
export interface ServerMark {
  readonly pid: number
  readonly startedAt: Date
}

function markOf({ pid, startedAt }: ServerMark): string {
  return `${pid} ${startedAt.toISOString()}`
}
