import { createRequire, syncBuiltinESMExports } from 'node:module'
import type { WorkerOptions } from 'node:worker_threads'

/**
 * dasy as a program that uses it as a library gets it: compiled, from dist/ ("npm test" builds it first), and not
 * from lib/. A thread of lib/ takes 0.6 s to start under tap, because tap's TypeScript loader starts in it as well;
 * the compiled one needs no loader, so here threads start without the arguments that tap gave this process.
 *
 * The types are those of lib/, so that the type check needs no build.
 */
const threads = createRequire(import.meta.url)('node:worker_threads') as typeof import('node:worker_threads')
threads.Worker = class extends threads.Worker {
  constructor(file: string | URL, options?: WorkerOptions) {
    super(file, { ...options, execArgv: [], env: { ...process.env, NODE_OPTIONS: '' } })
  }
}
syncBuiltinESMExports()

const dist = (file: string) => new URL(`../../dist/${file}`, import.meta.url).href

const library = (await import(dist('index.js'))) as typeof import('../../lib/index.js')

export const {
  aggregate,
  apply,
  blame,
  cancel,
  changes,
  clean,
  DasyError,
  enqueue,
  ingest,
  inspect,
  plan,
  purge,
  rejects,
  resume,
  runs,
  undo,
  update,
  watch,
  work,
} = library
export const { up: migrateUp, down: migrateDown, status: migrateStatus } = library.migrate

export const { showRuns } = (await import(dist('api/runs.js'))) as typeof import('../../lib/api/runs.js')

export const { writeRejects } = (await import(
  dist('api/rejects.js')
)) as typeof import('../../lib/api/rejects.js')
