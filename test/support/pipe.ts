import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { Test } from 'tap'
import { file, folder } from './files.js'

/** A named pipe into which somebody writes. @returns its path */
export function pipeOf(t: Test, content: Uint8Array | string): string {
  const from = file(t, content)
  return pipeFrom(t, 'cat "$0" > "$1"', from)
}

/** The same, in two halves with a second in between. */
export function slowPipeOf(t: Test, path: string, half: number): string {
  return pipeFrom(t, `(head -c ${half} "$0"; sleep 1; tail -c +${half + 1} "$0") > "$1"`, path)
}

function pipeFrom(t: Test, script: string, from: string): string {
  const path = join(folder(t), 'pipe')
  if (spawnSync('mkfifo', [path]).status !== 0) throw new Error('mkfifo failed')
  const writer = spawn('sh', ['-c', script, from, path])
  t.teardown(() => writer.kill())
  return path
}
