import type { Test } from 'tap'

const FEW = 5_000
const MANY = 50_000
/** Linear work grows tenfold, quadratic work a hundredfold. */
const AT_MOST = 40
/** Below that nothing can be compared. */
const LEAST_MS = 2

/**
 * That ten times as much takes about ten times the work, and not a hundred times. It is counted in the processor's time
 * of this process, whatever else the machine has to do.
 */
export function growsLinearly(t: Test, what: string, work: (times: number) => void): void {
  work(FEW) // until it is compiled
  const few = Math.max(
    LEAST_MS,
    processorMs(() => work(FEW)),
  )
  const many = processorMs(() => work(MANY))
  t.ok(many < AT_MOST * few, `${what}: ${many.toFixed(1)} ms for ${MANY}, ${few.toFixed(1)} ms for ${FEW}`)
}

function processorMs(work: () => void): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
