import type { Job } from '../queue/jobs.js'
import { localTime, printable, sourceNames } from './printable.js'
import { type Column, renderTable } from './table.js'

const COLUMNS: readonly (Column & { of(job: Job): string })[] = [
  { title: 'run', align: 'right', of: ({ run }) => `${run}` },
  { title: 'state', of: ({ state }) => state },
  { title: 'command', of: ({ command }) => command },
  { title: 'table', shrinks: true, of: ({ table }) => table },
  { title: 'source', shrinks: true, of: ({ source }) => sourceNames(source) },
  { title: 'remark', of: remarkOf },
]

/** @param terminal its width in columns; undefined if there is none */
export function renderJobs(jobs: readonly Job[], terminal: number | undefined): string {
  if (jobs.length === 0) return 'nothing was enqueued yet\n'
  const rows = jobs.map((job) => COLUMNS.map(({ of }) => printable(of(job))))
  return renderTable(COLUMNS, rows, terminal)
}

/** What it waits for, who works at it, or why it failed. */
function remarkOf({ state, waitsFor, nextTry, attempts, maxAttempts, worker, error }: Job): string {
  switch (state) {
    case 'waiting': {
      if (waitsFor !== 'next try') return `waits for ${waitsFor === 'worker' ? 'a worker' : waitsFor}`
      const time = localTime(new Date(nextTry ?? 0))
      return `waits for its next try at ${time} (${attempts} of ${maxAttempts} failed: ${error?.code})`
    }
    case 'running':
      return worker ? `on host ${worker.host}, process ${worker.pid}` : ''
    case 'failed':
      return error ? `${error.code}: ${error.message}` : ''
    case 'done':
      return ''
  }
}
