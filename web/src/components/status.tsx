import type { RunStatus } from '../../../lib/contract/receipt.js'

const MARKS: Readonly<Record<RunStatus, string>> = {
  queued: '…',
  running: '▸',
  completed: '✓',
  planned: '◇',
  failed: '✗',
  interrupted: '✗',
  rejected: '✗',
}

export const STATUSES = Object.keys(MARKS) as RunStatus[]

/** The status of a run, as a word and, beside it, a mark. */
export function Status({ of }: { of: RunStatus }) {
  return (
    <span class={`status is-${of}`}>
      <span aria-hidden="true">{MARKS[of]}</span> {of}
    </span>
  )
}
