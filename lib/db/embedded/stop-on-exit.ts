import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Lease } from './lease.js'

/**
 * A lease whose holder may have to end at once, as after a second Ctrl-C. Another process then gives the lease back, so
 * that no unused server keeps running.
 */
export function withStopOnExit(lease: Lease, home: string): Lease {
  const sendDeputy = (): void => {
    const script = fileURLToPath(new URL('./stop-if-unused.js', import.meta.url))
    spawn(process.execPath, [script, home], { detached: true, stdio: 'ignore' }).unref()
  }
  process.on('exit', sendDeputy)
  return {
    connection: lease.connection,
    async leave() {
      await lease.leave()
      process.off('exit', sendDeputy)
    },
  }
}
