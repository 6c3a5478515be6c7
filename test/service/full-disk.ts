import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import type { Test } from 'tap'

/** Whether this process may mount. */
export const canMount =
  spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' }).status === 0

/** Puts a disk of 256 KiB at a folder, until the test has ended. */
export function fullDisk(t: Test, folder: string): void {
  mkdirSync(folder, { recursive: true })
  const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder])
  t.teardown(() => spawnSync('umount', ['-l', folder]))
  t.equal(mount.status, 0)
}
