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
 * PostgreSQL refuses root. Root therefore runs a cluster as the user who made it (so that `sudo dasy`
 * uses the same data as without sudo), and makes new ones as `postgres`.
 */
export async function serverIdentity(data: string | undefined): Promise<Identity | undefined> {
  if (!isRoot()) return undefined
  const as = (data && (await ownerOf(data))) || (await lookUp()) || (await make())
  const tried = await run('/bin/sh', ['-c', ':'], { as })
  if (tried.ok) return as
  throw serverError(
    'EMBEDDED_ROOT',
    `PostgreSQL does not run as root, and dasy cannot become uid ${as.uid}: ${tried.output}`,
  )
}

async function ownerOf(data: string): Promise<Identity | undefined> {
  const { uid, gid } = await stat(data)
  return uid === 0 ? undefined : { uid, gid }
}

/** Uses `id`, not /etc/passwd: users may come from a directory service. */
async function lookUp(): Promise<Identity | undefined> {
  const [uid, gid] = await Promise.all([run('id', ['-u', USER]), run('id', ['-g', USER])])
  return uid.ok && gid.ok ? { uid: Number(uid.output), gid: Number(gid.output) } : undefined
}

/** The second form is for busybox. */
const MAKE = `id -u "$1" >/dev/null 2>&1 && exit
if command -v useradd >/dev/null
then useradd --system --user-group --no-create-home --home-dir "$2" "$1"
else addgroup -S "$1"; adduser -S -D -H -h "$2" -G "$1" "$1"
fi`

async function make(): Promise<Identity> {
  const home = '/var/lib/postgresql' // where a packaged PostgreSQL expects it, if one is installed later
  const script = ['-c', MAKE, 'sh', USER, home]
  // One at a time: two useradd at once could create the user with two different numbers.
  await run('flock', ['/etc', 'sh', ...script])
  const made = await run('sh', script) // does nothing if the first one worked; needed if there is no flock
  const identity = await lookUp()
  if (identity) return identity
  throw serverError(
    'EMBEDDED_ROOT',
    `PostgreSQL does not run as root, there is no user "${USER}", and it cannot be created: ${made.output}`,
    `Create a system user "${USER}", run dasy as an ordinary user, or name a server with --database-url.`,
  )
}
