// Ctrl-C ends what is being measured; whoever opened something then closes it. A second Ctrl-C ends at once.
const controller = new AbortController()

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) {
  process.once(signal, () => controller.abort(new Error('interrupted')))
}

/** @type {AbortSignal} */
export const interruption = controller.signal
