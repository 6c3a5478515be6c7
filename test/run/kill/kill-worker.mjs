// Loaded before the real binary with NODE_OPTIONS=--import: on SIGUSR2 one worker thread ends where it stands, as if
// it had run out of memory.
import { createRequire, syncBuiltinESMExports } from 'node:module'
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  const threads = /** @type {typeof import('node:worker_threads')} */ (
    createRequire(import.meta.url)('node:worker_threads')
  )
  /** @type {Set<import('node:worker_threads').Worker>} */
  const alive = new Set()
  threads.Worker = class extends threads.Worker {
    /** @param {ConstructorParameters<typeof threads.Worker>} args */
    constructor(...args) {
      super(...args)
      alive.add(this)
      this.once('exit', () => alive.delete(this))
    }
  }
  syncBuiltinESMExports()
  process.on('SIGUSR2', () => {
    const [worker] = alive
    worker?.terminate()
  })
}
