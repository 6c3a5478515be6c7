import { chmod, chown, mkdir, mkdtemp, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Identity, run } from './run.js'

/**
 * Makes a folder, and those above it that are missing, through which others can pass but not look, whatever the umask;
 * tells the topmost that it made. What lies in it protects itself.
 */
export async function makePassable(folder: string, mode = 0o711): Promise<string | undefined> {
  const first = await mkdir(folder, { recursive: true })
  for (let at = folder; first !== undefined && at.length >= first.length; at = dirname(at))
    await chmod(at, mode)
  return first
}

/** Whether this user can enter a folder: tried, not computed, because modes are not all that decides. */
export async function canEnter(folder: string, as: Identity): Promise<boolean> {
  return (await run('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { as })).ok
}

/**
 * Whether a folder in `home` can be given to this user, who can then work in it. Not so where a folder above it is
 * closed to others, or on a disk that knows no owners or is read-only.
 */
export async function canHold(home: string, as: Identity): Promise<boolean> {
  let made: string | undefined
  let probe: string | undefined
  let fits = false
  try {
    made = await makePassable(home)
    probe = await mkdtemp(join(home, 'probe-'))
    await chown(probe, as.uid, as.gid)
    fits = (await run('/bin/sh', ['-c', 'cd "$1" && : > file && chmod 600 file', 'sh', probe], { as })).ok
  } catch {
    // It does not fit; the reason makes no difference.
  } finally {
    if (probe !== undefined) await rm(probe, { recursive: true, force: true })
    if (!fits && made !== undefined) await removeEmpty(home, made)
  }
  return fits
}

/** From the inside out, and only what nobody has put anything in. */
async function removeEmpty(folder: string, topmost: string): Promise<void> {
  for (let at = folder; at.length >= topmost.length; at = dirname(at)) await rmdir(at).catch(() => {})
}
