import { constants, type FileHandle, lstat, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { codeOf, inaccessible } from './errors.js'
import { isRoot } from './identity.js'

/** Whether the path exists. @throws DasyError EMBEDDED_HOME if a permission is missing to see that */
export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false
    throw inaccessible(path, error)
  }
}

/** Writes a file atomically, and syncs it. Only the owner of its folder can read it. */
export async function writePrivate(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}`
  await rm(draft, { force: true })
  const file = await openPrivate(draft, constants.O_WRONLY | constants.O_EXCL)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path)
}

/**
 * Opens a log for appending. A log over the limit is renamed first.
 * @param limit in bytes
 * @returns the file, and the offset at which new text begins
 */
export async function openLog(path: string, limit: number): Promise<{ file: FileHandle; start: number }> {
  const size = (await exists(path)) ? (await stat(path)).size : 0
  if (size > limit) await rename(path, `${path}.old`)
  const file = await openPrivate(path, constants.O_WRONLY | constants.O_APPEND)
  return { file, start: (await file.stat()).size }
}

/**
 * Opens a file for its owner only. Root may write into the folder of an ordinary user (sudo): then it follows no link, and
 * the file gets the owner of the folder.
 */
async function openPrivate(path: string, flags: number): Promise<FileHandle> {
  const file = await open(path, flags | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o600)
  if (isRoot()) {
    const { uid, gid } = await stat(dirname(path))
    await file.chown(uid, gid)
  }
  return file
}

/** Ignores the error that another process has created the file first. (Windows returns EPERM for a folder.) */
export function ignoreExisting(error: unknown): void {
  const code = codeOf(error)
  const exists =
    code === 'EEXIST' || code === 'ENOTEMPTY' || (code === 'EPERM' && process.platform === 'win32')
  if (!exists) throw error
}
