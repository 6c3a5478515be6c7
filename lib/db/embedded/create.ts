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
import { unlessThere, writePrivate } from './files.js'
import { type Identity, run } from './run.js'

/** Who may connect: local users with the password. */
const ACCESS = `# TYPE  DATABASE  USER  ADDRESS        METHOD
local   all       all                  scram-sha-256
host    all       all   127.0.0.1/32   scram-sha-256
`

/** More than initdb ever takes. */
const ABANDONED_MS = 10 * 60_000

/**
 * Makes a cluster, complete or not at all. It is made in a temporary folder and moved: if several first commands run at
 * once, one wins, and the others use its cluster.
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
    await rename(draft, folder).catch(unlessThere)
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
    if (!ok)
      throw serverError('EMBEDDED_CREATE', `the embedded database cannot be created in ${data}: ${output}`)
  }
  // Text is compared by its bytes: fast, and the same on every machine. The builtin provider needs no
  // locale of the system, and still converts case beyond ASCII.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  await step(binaries.initdb, [
    `--pgdata=${data}`,
    `--username=${USER}`,
    ...locale,
    '--auth=reject',
    // No checksums: with them, the first reader of rows that were written without the log would log every page, to
    // record that the rows are committed.
    '--no-data-checksums',
    '--no-sync',
  ])
  await writeFile(join(data, 'pg_hba.conf'), ACCESS)

  // The password goes through standard input, so it is never in a file of the server or in a process
  // list. Iterations slow down guessing of weak passwords; nobody guesses 24 random bytes, and
  // the default of 4096 costs a millisecond for each connection, on both sides.
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

  // Everything is synced once, before other processes can see it.
  await step(binaries.initdb, [`--pgdata=${data}`, '--sync-only'])
  await writePrivate(join(cluster.folder, 'password'), password)
}

/** A server of one major version cannot open the data of another. */
export async function demandVersion(cluster: Cluster, binaries: Binaries): Promise<void> {
  const version = (await readFile(join(cluster.data, 'PG_VERSION'), 'utf8')).trim()
  if (version === binaries.major) return
  throw serverError(
    'EMBEDDED_VERSION',
    `${cluster.data} was made by PostgreSQL ${version}, but this dasy contains ${binaries.major}`,
    'Use the dasy that made it, or name another folder in DASY_HOME. To delete all its data: dasy db destroy',
  )
}

/** Removes incomplete folders beside this path that killed commands left. */
export async function sweep(path: string, olderThanMs = ABANDONED_MS): Promise<void> {
  const folder = dirname(path)
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(`${basename(path)}.new-`)) continue
    const draft = join(folder, name)
    const { mtimeMs } = await stat(draft).catch(() => ({ mtimeMs: Date.now() }))
    if (Date.now() - mtimeMs >= olderThanMs) await rm(draft, { recursive: true, force: true })
  }
}
