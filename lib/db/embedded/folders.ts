import { createHash } from 'node:crypto'
import { realpath, rm, rmdir } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type Binaries, copiedBinaries, packagedBinaries } from './binaries.js'
import { removeDrafts } from './create.js'
import { inaccessible, serverError } from './errors.js'
import { exists } from './files.js'
import { isRoot, serverIdentity } from './identity.js'
import { canEnter, canOwnFolderIn, makeEnterable } from './permissions.js'
import type { Identity } from './run.js'

/** Where root puts files that the server's user cannot reach elsewhere. */
const SHARED = '/var/lib/dasy'

/** Where a server's files are, and who runs it. */
export interface Site {
  readonly cluster: string
  readonly binaries: Binaries
  /** The user that the server runs as; undefined: the current one. */
  readonly as: Identity | undefined
}

/**
 * The folders of one DASY_HOME.
 *
 * Usually the cluster is in it, and the binaries are in node_modules. If root starts the server, that runs as another user,
 * and both may have to be under /var/lib/dasy.
 */
export class Folders {
  private readonly inHome: string
  private readonly inShared: string

  private constructor(readonly home: string) {
    // A readable name, and a hash of the whole path.
    const name = `${basename(dirname(home))}-${basename(home)}`.replace(/[^\w.-]+/g, '_').slice(0, 40)
    const hash = createHash('sha256').update(home).digest('hex').slice(0, 12)
    this.inHome = join(home, 'postgres')
    this.inShared = join(SHARED, 'homes', `${name}-${hash}`, 'postgres')
  }

  static async of(home: string): Promise<Folders> {
    return new Folders(await canonical(home))
  }

  /** The folder of the cluster; undefined before the first start. */
  async cluster(): Promise<string | undefined> {
    if (isRoot() && (await exists(this.inShared))) return this.inShared
    return (await exists(this.inHome)) ? this.inHome : undefined
  }

  /** Decides where the cluster is or will be, and finds or copies binaries that the server's user can run. */
  async locate(note: (line: string) => void): Promise<Site> {
    const present = await this.cluster()
    const as = await serverIdentity(present && join(present, 'data'))
    const packaged = await packagedBinaries()
    const runs = await packaged.repair(as)
    const cluster = present ?? (await this.choose(as, runs))
    const shared = cluster === this.inShared
    if (as && !shared && present && !(await canEnter(join(present, 'data'), as)))
      throw notEnterable(present, as)

    // Create the folders of this home before copying: a process that removes the last home removes the shared binaries too.
    const folders = as && !runs ? [cluster, this.inShared] : [cluster]
    for (const folder of folders.map(dirname)) {
      // Only the server's user needs access.
      await makeEnterable(folder, as ? 0o711 : 0o700).catch((cause) => {
        throw inaccessible(folder, cause)
      })
    }
    const copies = join(as ? SHARED : this.home, 'binaries')
    const binaries = runs && !shared ? packaged : await copiedBinaries(packaged, copies, as)
    if (as && binaries !== packaged) {
      const what = shared ? `its data (${cluster}) and programs` : 'its programs'
      const where = runs ? this.home : packaged.folder
      note(
        `PostgreSQL does not run as root, and the user it runs as cannot use ${where}: ${what} are kept under ${SHARED}`,
      )
    }
    return { cluster, binaries, as }
  }

  /** The home, or the shared folder if the server's user cannot reach home or binaries. */
  private async choose(as: Identity | undefined, runs: boolean): Promise<string> {
    return as && !(runs && (await canOwnFolderIn(this.home, as))) ? this.inShared : this.inHome
  }

  /** Removes all files of this home, and with the last home the shared ones. */
  async remove(): Promise<void> {
    for (const cluster of isRoot() ? [this.inHome, this.inShared] : [this.inHome]) {
      await rm(cluster, { recursive: true, force: true })
      await removeDrafts(cluster, 0)
    }
    await rm(join(this.home, 'binaries'), { recursive: true, force: true })
    await removeEmpty(this.home)
    if (!isRoot()) return
    await removeEmpty(dirname(this.inShared))
    if (await removeEmpty(join(SHARED, 'homes'))) await rm(SHARED, { recursive: true, force: true })
  }
}

/** The path without symbolic links. The folder need not exist. */
async function canonical(path: string): Promise<string> {
  const real = await realpath(path).catch(() => undefined)
  return real ?? (dirname(path) === path ? path : join(await canonical(dirname(path)), basename(path)))
}

async function removeEmpty(folder: string): Promise<boolean> {
  return await rmdir(folder).then(
    () => true,
    () => false,
  )
}

function notEnterable(cluster: string, as: Identity): Error {
  return serverError(
    'EMBEDDED_HOME',
    `the data in ${cluster} belongs to uid ${as.uid}, which cannot enter that folder`,
    'Allow that user to enter the folders above it (chmod o+x), or name another folder in DASY_HOME.',
  )
}
