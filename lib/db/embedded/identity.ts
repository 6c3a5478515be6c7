import { stat } from 'node:fs/promises'
import { serverError } from './errors.js'
import { type Identity, run } from './run.js'

const USER = 'postgres'

export function isRoot(): boolean {
  return process.getuid?.() === 0
}

/**
 * The user that the server runs as; undefined means the current user.
 *
 * PostgreSQL does not run as root. Root therefore runs a cluster as the user who owns its data (so that `sudo dasy` uses the
 * same data as without sudo), and creates new ones as `postgres`.
 * @throws DasyError EMBEDDED_ROOT
 */
export async function serverIdentity(data: string | undefined): Promise<Identity | undefined> {
  if (!isRoot()) return undefined
  const as = (data && (await ownerOf(data))) || (await findUser()) || (await createUser())
  const tried = await run('/bin/sh', ['-c', ':'], { as })
  if (tried.ok) return as
  throw serverError(
    'EMBEDDED_ROOT',
    `PostgreSQL does not run as root, and dasy cannot run it as uid ${as.uid}: ${tried.output}`,
  )
}

async function ownerOf(data: string): Promise<Identity | undefined> {
  const { uid, gid } = await stat(data)
  return uid === 0 ? undefined : { uid, gid }
}

/** Uses `id`, not /etc/passwd, because users may come from a directory service. */
async function findUser(): Promise<Identity | undefined> {
  const [uid, gid] = await Promise.all([run('id', ['-u', USER]), run('id', ['-g', USER])])
  return uid.ok && gid.ok ? { uid: Number(uid.output), gid: Number(gid.output) } : undefined
}

/** The second form is for busybox. */
const CREATE = `id -u "$1" >/dev/null 2>&1 && exit
if command -v useradd >/dev/null
then useradd --system --user-group --no-create-home --home-dir "$2" "$1"
else addgroup -S "$1"; adduser -S -D -H -h "$2" -G "$1" "$1"
fi`

async function createUser(): Promise<Identity> {
  const home = '/var/lib/postgresql' // where a packaged PostgreSQL expects it, if one is installed later
  const script = ['-c', CREATE, 'sh', USER, home]
  // Under a lock: two concurrent useradd could create the user with two different numbers.
  await run('flock', ['/etc', 'sh', ...script])
  const created = await run('sh', script) // does nothing if the first one succeeded; needed if there is no flock
  const identity = await findUser()
  if (identity) return identity
  throw serverError(
    'EMBEDDED_ROOT',
    `PostgreSQL does not run as root, and the user "${USER}" does not exist and cannot be created: ${created.output}`,
    `Create a system user "${USER}", run dasy as an ordinary user, or name a server with --database-url.`,
  )
}
