import { createRequire } from 'node:module'
import type * as Graphile from 'graphile-worker'

/**
 * Loads graphile-worker, which takes 0.1 s: only for what needs it.
 *
 * When it is loaded, it searches the working folder and all folders above it for a configuration, and would run one that is
 * JavaScript. Such a file may belong to anybody, and dasy needs none: so nothing is found.
 */
export function graphileWorker(): typeof Graphile {
  const requireOf = createRequire(import.meta.url)
  const requireOfGraphile = createRequire(requireOf.resolve('graphile-worker'))
  const path = requireOfGraphile.resolve('cosmiconfig')
  const { cache } = requireOf
  const before = cache[path]
  const nothing = { cosmiconfigSync: () => ({ search: () => null }) }
  cache[path] = { id: path, filename: path, loaded: true, exports: nothing } as unknown as NodeJS.Module
  try {
    return requireOf('graphile-worker') as typeof Graphile
  } finally {
    if (before) cache[path] = before
    else delete cache[path]
  }
}
