import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writePrivate } from './files.js'
import { inaccessible } from './trouble.js'

/**
 * The superuser that dasy works as, and the database that it works in. The user is not called "dasy": the default
 * search_path begins with a schema of the user's name, and so the tables would land in dasy's own schema.
 */
export const USER = 'postgres'
export const DATABASE = 'dasy'

/**
 * One PostgreSQL cluster and what dasy keeps beside it: a folder that is complete from the moment it is there.
 *
 *     data/      PostgreSQL's own; the only part that belongs to the server's user
 *     password   of the user "postgres"
 *     log        what the server has to say
 *     kept       which server `dasy db start` asked to stay, if any
 *
 * The rest belongs to whoever made it. Where that is root, the server's user can plant nothing there that
 * root would follow.
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

  /** The mark is for one server, not for the next: one that crashed does not stay when it is started anew. */
  async keep(server: ServerMark): Promise<void> {
    await writePrivate(this.kept, markOf(server))
  }

  async isKept(server: ServerMark): Promise<boolean> {
    return (await readFile(this.kept, 'utf8').catch(() => '')) === markOf(server)
  }

  async forget(): Promise<void> {
    await rm(this.kept, { force: true })
  }
}

/** What tells one run of the server from another. */
export interface ServerMark {
  readonly pid: number
  readonly startedAt: Date
}

function markOf({ pid, startedAt }: ServerMark): string {
  return `${pid} ${startedAt.toISOString()}`
}
