import { lstat, open, readlink, rename, symlink, unlink } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** The target is another file's. */
export class TargetTaken extends Error {}

/** Another file had got the name. */
export class Replaced extends Error {}

/**
 * Moves a file, never over another one: an empty file reserves the new name, and renaming replaces just that. So nothing is lost,
 * whatever others do with the old name meanwhile, and a file is never under two names.
 * @param isExpected whether the file under the new name is the one that was to be moved
 * @throws TargetTaken, Replaced, NodeJS.ErrnoException
 */
export async function move(from: string, to: string, isExpected: () => Promise<boolean>): Promise<void> {
  if ((await lstat(from)).isSymbolicLink()) return await moveLink(from, to)
  try {
    await reserve(to)
    await rename(from, to)
  } catch (error) {
    // Another process may be doing the same, because its connection broke while it did.
    if (await isExpected()) return
    if (!(error instanceof TargetTaken)) await unreserve(to).catch(() => {})
    throw error
  }
  if (await isExpected()) return
  await giveBack(from, to)
  throw new Replaced(from)
}

/** An empty file may be there already: of an earlier attempt, whose process was killed. */
async function reserve(to: string): Promise<void> {
  try {
    await (await open(to, 'wx')).close()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const there = await lstat(to)
    if (!there.isFile() || there.size > 0) throw new TargetTaken(to)
  }
}

async function unreserve(to: string): Promise<void> {
  const { size } = await lstat(to)
  if (size === 0) await unlink(to)
}

/** What was put under the old name a moment ago is not ours. */
async function giveBack(from: string, to: string): Promise<void> {
  await (await open(from, 'wx')).close()
  await rename(to, from)
}

/** A relative link would lead elsewhere from another folder. */
async function moveLink(from: string, to: string): Promise<void> {
  const leadsTo = resolve(dirname(from), await readlink(from))
  await symlink(leadsTo, to).catch(async (error) => {
    if (error.code !== 'EEXIST') throw error
    if ((await readlink(to).catch(() => '')) !== leadsTo) throw new TargetTaken(to)
  })
  await unlink(from)
}
