import { isAbsolute, relative, resolve, sep } from 'node:path'
import type { Config } from '../config/config.js'
import { fixedFolder, type Pattern } from '../config/patterns.js'
import { badOption } from '../contract/values.js'

/** A folder that is watched. */
export interface WatchedFolder {
  /** Absolute. */
  readonly path: string
  /** Whether the folders in it are watched as well: a pattern that may match there has `**`. */
  readonly isDeep: boolean
}

/**
 * The folders that the user named, or else the fixed leading folder of each pattern.
 * @throws DasyError BAD_OPTION if there is none
 */
export function watchedFolders(named: readonly string[], config: Config): WatchedFolder[] {
  const patterns = config.patterns.map((pattern) => fixedFolder(pattern, config.folder))
  const paths = named.length > 0 ? named.map((each) => resolve(each)) : patterns.map(({ folder }) => folder)
  if (paths.length === 0)
    throw badOption(
      'FOLDER',
      'no dataset of the configuration has "files" in a folder, so there is nothing to watch',
    )
  const folders = [...new Set(paths)].map((path) => ({ path, isDeep: isDeep(path, patterns) }))
  const isCovered = ({ path }: WatchedFolder): boolean =>
    folders.some((other) => other.isDeep && other.path !== path && isIn(path, other.path))
  return folders.filter((folder) => !isCovered(folder))
}

/** A pattern with ** may match in the folders below if it begins above, at, or below this one. */
function isDeep(path: string, patterns: readonly Pattern[]): boolean {
  return patterns.some((each) => each.isDeep && (isIn(path, each.folder) || isIn(each.folder, path)))
}

/** Whether a path is a folder or lies in it. */
export function isIn(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way === '' || (way.split(sep)[0] !== '..' && !isAbsolute(way))
}
