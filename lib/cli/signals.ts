import { EXIT } from '../base/errors.js'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs `work` and aborts it at the first Ctrl-C (or SIGTERM, SIGHUP). The second one ends the process at once.
 * @param acknowledge called at the first one, before the abort
 */
export async function interruptible<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
  acknowledge?: () => void,
): Promise<Result> {
  const controller = new AbortController()
  const interrupt = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted)
    acknowledge?.()
    controller.abort()
  }
  for (const signal of SIGNALS) process.on(signal, interrupt)
  try {
    return await work(controller.signal)
  } finally {
    for (const signal of SIGNALS) process.off(signal, interrupt)
  }
}
