import { randomBytes } from 'node:crypto'
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Binaries } from './binaries.js'
import { Cluster, DATABASE, USER } from './cluster.js'
import { inaccessible, serverError } from './errors.js'
import { ignoreExisting, writePrivate } from './files.js'
import { type Identity, run } from './run.js'

/** Who may connect: local users with the password. */
const ACCESS = `# TYPE  DATABASE  USER  ADDRESS        METHOD
local   all       all                  scram-sha-256
host    all       all   127.0.0.1/32   scram-sha-256
`

/** A draft older than this is abandoned: initdb never takes so long. */
const ABANDONED_MS = 10 * 60_000

/**
 * Creates a cluster, complete or not at all: in a temporary folder, which is then renamed. If several processes do this at
 * the same time, all use the cluster that is renamed first.
 */
export async function createCluster(
  folder: string,
  binaries: Binaries,
  as: Identity | undefined,
): Promise<void> {
  const draft = await mkdtemp(`${folder}.new-`).catch((cause) => {
    throw inaccessible(dirname(folder), cause)
  })
  try {
    if (as) await chmod(draft, 0o711) // the server's user must reach `data`
    await fill(new Cluster(draft), binaries, as)
    await rename(draft, folder).catch(ignoreExisting)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

async function fill(cluster: Cluster, binaries: Binaries, as: Identity | undefined): Promise<void> {
  const { data } = cluster
  await mkdir(data, { mode: 0o700 })
  if (as) await chown(data, as.uid, as.gid)

  const step = async (program: string, args: string[], input = '') => {
    const { ok, output } = await run(program, args, { as, input })
    if (!ok) throw serverError('EMBEDDED_CREATE', `cannot create the embedded database in ${data}: ${output}`)
  }
  // Text is compared by bytes, which is fast and the same on every machine. The builtin provider needs no locale of the
  // system, and converts case beyond ASCII too.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  await step(binaries.initdb, [
    `--pgdata=${data}`,
    `--username=${USER}`,
    ...locale,
    '--auth=reject',
    // No checksums: with them, the first reader of rows that were written without WAL would write every page to the WAL,
    // to record that the rows are committed (hint bits).
    '--no-data-checksums',
    '--no-sync',
  ])
  await writeFile(join(data, 'pg_hba.conf'), ACCESS)

  // The password is passed on standard input, so it is never in a process list. Iterations slow down the guessing of weak
  // passwords. 24 random bytes cannot be guessed, and the default of 4096 iterations costs a millisecond for each connection
  // on both sides.
  const password = randomBytes(24).toString('hex')
  const single = [
    '--single',
    '-D',
    data,
    '-c',
    'scram_iterations=1',
    '-c',
    'exit_on_error=on',
    '-c',
    'fsync=off',
  ]
  const sql = `ALTER ROLE ${USER} PASSWORD '${password}';\nCREATE DATABASE ${DATABASE};\n`
  await step(binaries.postgres, [...single, 'template1'], sql)

  // Everything is synced once, before the folder is renamed.
  await step(binaries.initdb, [`--pgdata=${data}`, '--sync-only'])
  await writePrivate(join(cluster.folder, 'password'), password)
}

/** @throws DasyError EMBEDDED_VERSION if the data is of another major version, which the server cannot open */
export async function requireVersion(cluster: Cluster, binaries: Binaries): Promise<void> {
  const version = (await readFile(join(cluster.data, 'PG_VERSION'), 'utf8')).trim()
  if (version === binaries.major) return
  throw serverError(
    'EMBEDDED_VERSION',
    `${cluster.data} was created by PostgreSQL ${version}, but this version of dasy contains PostgreSQL ${binaries.major}`,
    'Use the version of dasy that created it, or name another folder in DASY_HOME. To delete all its data: dasy db destroy',
  )
}

/** Removes drafts of this path that killed commands left behind. */
export async function removeDrafts(path: string, olderThanMs = ABANDONED_MS): Promise<void> {
  const folder = dirname(path)
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(`${basename(path)}.new-`)) continue
    const draft = join(folder, name)
    const { mtimeMs } = await stat(draft).catch(() => ({ mtimeMs: Date.now() }))
    if (Date.now() - mtimeMs >= olderThanMs) await rm(draft, { recursive: true, force: true })
  }
}
