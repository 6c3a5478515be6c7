import { chmod, chown, mkdir, mkdtemp, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Identity, run } from './run.js'

/**
 * Creates a folder and its missing parents with a mode by which other users can enter but not list them, whatever the umask.
 * @returns the topmost folder that it created
 */
export async function makeEnterable(folder: string, mode = 0o711): Promise<string | undefined> {
  const first = await mkdir(folder, { recursive: true })
  for (let at = folder; first !== undefined && at.length >= first.length; at = dirname(at))
    await chmod(at, mode)
  return first
}

/** Whether this user can enter a folder. A process of that user tries it, because modes are not all that decides. */
export async function canEnter(folder: string, as: Identity): Promise<boolean> {
  return (await run('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { as })).ok
}

/**
 * Whether this user can own and use a folder in `home`. It cannot if a parent folder is closed to others, or if the file
 * system is read-only or has no owners. (Creates a temporary folder, and removes it.)
 */
export async function canOwnFolderIn(home: string, as: Identity): Promise<boolean> {
  let created: string | undefined
  let probe: string | undefined
  let fits = false
  try {
    created = await makeEnterable(home)
    probe = await mkdtemp(join(home, 'probe-'))
    await chown(probe, as.uid, as.gid)
    fits = (await run('/bin/sh', ['-c', 'cd "$1" && : > file && chmod 600 file', 'sh', probe], { as })).ok
  } catch {
    // The user cannot; the reason does not matter.
  } finally {
    if (probe !== undefined) await rm(probe, { recursive: true, force: true })
    if (!fits && created !== undefined) await removeEmpty(home, created)
  }
  return fits
}

/** Removes empty folders, from the innermost to the topmost. */
async function removeEmpty(folder: string, topmost: string): Promise<void> {
  for (let at = folder; at.length >= topmost.length; at = dirname(at)) await rmdir(at).catch(() => {})
}
