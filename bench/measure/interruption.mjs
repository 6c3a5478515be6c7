// Ctrl-C ends the measurement, and resources are closed. A second Ctrl-C ends the process at once.
const controller = new AbortController()

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, () => controller.abort(new Error('interrupted')))
}

/** @type {AbortSignal} */
export const interruption = controller.signal
