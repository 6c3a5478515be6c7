import { isAbsolute, relative, resolve } from 'node:path'
import { ownHost } from '../base/host.js'
import type { Source } from '../source/source.js'
import { isUrl } from '../source/url.js'

/**
 * The host that can load these sources: the own one, because a file is there.
 * @param shared folders that every host has under the same path
 * @returns null if any host can
 */
export function hostOf(sources: readonly Source[], shared: readonly string[]): string | null {
  const isLocal = ({ path }: Source): boolean =>
    path !== null && !isUrl(path) && !shared.some((folder) => isUnder(path, folder))
  return sources.some(isLocal) ? ownHost() : null
}

/** Whether a path lies in a folder or in one below it. */
export function isUnder(path: string, folder: string): boolean {
  const way = relative(resolve(folder), path)
  return way !== '' && way.split(/[\\/]/)[0] !== '..' && !isAbsolute(way)
}
