import { lstat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'

/** Bytes of a name that leave room for what is written beside the file, and for the temporary name of that. */
const LONGEST = 255 - 40

/** What is written beside a file that is filed. */
export function besides(target: string): { receipt: string; rejects: string } {
  return { receipt: `${target}.receipt.json`, rejects: `${target}.rejects.csv` }
}

/**
 * A path in `folder` for a file, at which nothing is: `NAME.csv`, or `NAME-2.csv` and so on.
 * @param companion the companion's path; null if there is none
 */
export async function freeTarget(path: string, folder: string, companion: string | null): Promise<string> {
  for (let number = 1; ; number += 1) {
    const target = join(folder, numbered(basename(path), number))
    const { receipt, rejects } = besides(target)
    const wanted = [
      target,
      receipt,
      rejects,
      ...(companion ? [companionTarget(path, target, companion)] : []),
    ]
    const isTaken = await Promise.all(wanted.map(exists))
    if (!isTaken.includes(true)) return target
  }
}

/** Where a companion moves when its file does: it stays NAME.ok, or the name without extension and .ok. */
export function companionTarget(path: string, target: string, companion: string): string {
  const isOfWholeName = basename(companion).startsWith(`${basename(path)}.`)
  const ending = isOfWholeName
    ? basename(companion).slice(basename(path).length)
    : basename(companion).slice(stem(basename(path)).length)
  const name = isOfWholeName ? basename(target) : stem(basename(target))
  return join(dirname(target), name + ending)
}

function numbered(name: string, number: number): string {
  const ending = (number === 1 ? '' : `-${number}`) + extname(name)
  return cut(stem(name), LONGEST - Buffer.byteLength(ending)) + ending
}

function cut(text: string, bytes: number): string {
  const characters = [...text]
  while (characters.length > 1 && Buffer.byteLength(characters.join('')) > bytes) characters.pop()
  return characters.join('')
}

function stem(name: string): string {
  return name.slice(0, name.length - extname(name).length)
}

export async function exists(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
}
