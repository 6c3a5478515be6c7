import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Lease } from './lease.js'

/**
 * A lease of a process that may have to exit at once, as after a second Ctrl-C. It then starts another process that stops the
 * server if no other process uses it.
 */
export function withStopOnExit(lease: Lease, home: string): Lease {
  const startStopper = (): void => {
    const script = fileURLToPath(new URL('./stop-if-unused.js', import.meta.url))
    spawn(process.execPath, [script, home], { detached: true, stdio: 'ignore' }).unref()
  }
  process.on('exit', startStopper)
  return {
    connection: lease.connection,
    async leave() {
      await lease.leave()
      process.off('exit', startStopper)
    },
  }
}
