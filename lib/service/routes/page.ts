import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import files from '@fastify/static'
import type { FastifyReply } from 'fastify'
import { pageDirectory } from '../../base/package.js'
import type { App } from '../routing.js'

/** The web page, if this package has it: files that anybody may read. */
export function pageRoutes(app: App): void {
  const root = fileURLToPath(pageDirectory)
  if (!existsSync(root)) return
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, scope: 'open' }
    route.schema = { ...route.schema, hide: true }
  })
  app.register(files, { root, wildcard: false, cacheControl: false, setHeaders: cache })
}

/** What is in assets/ never changes: its name has a hash of it. The other files tell those names. */
function cache(reply: Pick<FastifyReply, 'header'>, path: string): void {
  const isFixed = path.includes('/assets/')
  reply.header('cache-control', isFixed ? 'public, max-age=31536000, immutable' : 'no-cache')
}
