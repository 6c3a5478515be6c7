import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { query } from '../db/sql.js'
import { uploadsFolder } from './received-files.js'
import type { Service } from './service.js'
import { UNUSED_MS } from './uploads.js'

/** What `@tus/file-store` keeps beside an upload. */
const NOTES = /\.json$/

/** Removes the files of clients whose runs have ended, and those that nothing has used for a day. */
export async function cleanUploads({ home, sessions }: Pick<Service, 'home' | 'sessions'>): Promise<void> {
  const folder = uploadsFolder(home)
  const names = await readdir(folder).catch(() => [])
  const paths = names.filter((name) => !NOTES.test(name)).map((name) => join(folder, name))
  if (paths.length === 0) return
  const used = await sessions.use((session) =>
    session.rows<{ path: string; open: boolean }>(
      query`SELECT path, bool_or(r.state <> 'ended') AS open
              FROM dasy.sources AS s JOIN dasy.runs AS r USING (run)
             WHERE path = ANY ($1) GROUP BY path`,
      [paths],
    ),
  )
  const open = new Map(used.map((each) => [each.path, each.open]))
  for (const path of paths) {
    const isDone = open.get(path) === false
    if (!isDone && (open.get(path) || !(await isOld(path)))) continue
    await rm(path, { force: true })
    await rm(`${path}.json`, { force: true })
  }
}

async function isOld(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => undefined)
  return stats !== undefined && Date.now() - stats.mtimeMs > UNUSED_MS
}
