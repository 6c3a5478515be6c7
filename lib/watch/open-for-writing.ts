import { readdir, readFile, readlink, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { FoundFile } from './file.js'

/** In the flags of an open file: how it is open. 0 is for reading only. */
const ACCESS_MODE = 0o3

/**
 * The paths of those files that another process visibly has open for writing. Linux tells it of the processes that this user may see,
 * other systems do not.
 */
export async function openForWriting(files: readonly FoundFile[]): Promise<Set<string>> {
  const open = new Set<string>()
  if (files.length === 0 || process.platform !== 'linux') return open
  const byInode = byInodeOf(files)
  const names = new Set(files.map(({ path }) => basename(path)))
  for (const pid of await list('/proc')) {
    if (!/^\d+$/.test(pid) || pid === String(process.pid)) continue
    for (const fd of await list(`/proc/${pid}/fd`)) {
      const link = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')
      if (!names.has(basename(link)) || !(await isForWriting(pid, fd))) continue
      const inode = await stat(`/proc/${pid}/fd/${fd}`, { bigint: true }).then(
        ({ ino }) => `${ino}`,
        () => '',
      )
      for (const { path } of byInode.get(inode) ?? []) open.add(path)
    }
  }
  return open
}

async function isForWriting(pid: string, fd: string): Promise<boolean> {
  const info = await readFile(`/proc/${pid}/fdinfo/${fd}`, 'utf8').catch(() => '')
  const [, flags = '0'] = /^flags:\s*([0-7]+)/m.exec(info) ?? []
  return (Number.parseInt(flags, 8) & ACCESS_MODE) !== 0
}

/** Processes come and go, and others' may not be looked at. */
async function list(folder: string): Promise<string[]> {
  return await readdir(folder).catch(() => [])
}

function byInodeOf(files: readonly FoundFile[]): Map<string, FoundFile[]> {
  const groups = new Map<string, FoundFile[]>()
  for (const file of files) {
    const { inode } = file.identity
    groups.set(inode, [...(groups.get(inode) ?? []), file])
  }
  return groups
}
