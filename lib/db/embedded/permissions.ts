import { chmod, chown, mkdir, mkdtemp, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Identity, run } from './run.js'

/**
 * Makes a folder and its missing parents, which other users can enter but not list, whatever the umask. The files in it
 * have their own permissions. @returns the topmost folder that it made
 */
export async function makePassable(folder: string, mode = 0o711): Promise<string | undefined> {
  const first = await mkdir(folder, { recursive: true })
  for (let at = folder; first !== undefined && at.length >= first.length; at = dirname(at))
    await chmod(at, mode)
  return first
}

/** Whether this user can enter a folder. It is tried, because modes are not the only thing that decides. */
export async function canEnter(folder: string, as: Identity): Promise<boolean> {
  return (await run('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { as })).ok
}

/**
 * Whether this user can own a folder in `home` and use it. It cannot if a parent folder is closed to others, or if the
 * file system has no owners or is read-only.
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
    // It does not work; the reason does not matter.
  } finally {
    if (probe !== undefined) await rm(probe, { recursive: true, force: true })
    if (!fits && made !== undefined) await removeEmpty(home, made)
  }
  return fits
}

/** From the innermost outwards, and only empty folders. */
async function removeEmpty(folder: string, topmost: string): Promise<void> {
  for (let at = folder; at.length >= topmost.length; at = dirname(at)) await rmdir(at).catch(() => {})
}
