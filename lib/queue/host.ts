import { isAbsolute, relative, resolve } from 'node:path'
import type { HookSettings } from '../contract/settings.js'
import type { SqlFileMark } from '../contract/sql-file.js'
import { isUrl } from '../source/url.js'

/** What a run reads: its sources, and the user's SQL. */
export interface ReadFiles {
  readonly sources: readonly { readonly path: string | null }[]
  readonly hooks: Readonly<Record<keyof HookSettings, readonly SqlFileMark[]>>
}

/**
 * The host that can do a run: the one that has its files.
 * @param host that has those of its files that are not shared
 * @param shared folders that every host has under the same path
 * @returns null if any host can
 */
export function hostOf(
  { sources, hooks }: ReadFiles,
  host: string,
  shared: readonly string[],
): string | null {
  const isLocal = ({ path }: { readonly path: string | null }): boolean =>
    path !== null && !isUrl(path) && !shared.some((folder) => isUnder(path, folder))
  return [...sources, ...hooks.before, ...hooks.after].some(isLocal) ? host : null
}

/** Whether a path lies in a folder or in one below it. */
export function isUnder(path: string, folder: string): boolean {
  const way = relative(resolve(folder), path)
  return way !== '' && way.split(/[\\/]/)[0] !== '..' && !isAbsolute(way)
}
