import { type IncomingMessage, ServerResponse } from 'node:http'

/** How much of a request is read after its answer, and for how long: then the connection is closed. */
export const limits = { bytes: 1024 ** 3, ms: 30_000 }

/**
 * An answer that may be sent before all of its request has arrived (401, 413, 507). The client gets it at once, but it ends only when
 * the rest of the request has been read and discarded. Bytes that nobody reads would hold up the next request of the connection; and
 * if the connection is closed before they are read, the client gets a reset instead of the answer.
 */
export class EarlyAnswer<Request extends IncomingMessage> extends ServerResponse<Request> {
  #isSent = false

  override end(...given: unknown[]): this {
    const { req, socket } = this
    if (this.#isSent) return this
    const done = given.find((each) => typeof each === 'function') as (() => void) | undefined
    if (req.complete || !socket) return super.end(...(given as []))
    this.#isSent = true
    this.#send(given[0] === done ? undefined : given[0])
    discardRest(req).then((isWhole) => {
      super.end(done)
      if (!isWhole) socket.destroySoon()
    })
    return this
  }

  /** Sends the last part with all that is before it. Its length is said, so that the client knows where the answer ends. */
  #send(last: unknown): void {
    const bytes = last ? Buffer.from(last as string) : Buffer.alloc(0)
    if (!this.headersSent) this.setHeader('content-length', bytes.length)
    if (bytes.length > 0) this.write(bytes)
    else this.flushHeaders()
  }
}

/** @returns whether all has been read */
function discardRest(request: IncomingMessage): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (isWhole: boolean): void => {
      clearTimeout(timer)
      resolve(isWhole)
    }
    const timer = setTimeout(settle, limits.ms, false)
    if (request.destroyed) return settle(false)
    // Whoever read it before could pause it again.
    request.unpipe().removeAllListeners('data').removeAllListeners('readable')
    let left = limits.bytes
    request.on('data', ({ length }: Buffer) => {
      left -= length
      if (left < 0) settle(false)
    })
    request.once('end', () => settle(true)).once('close', () => settle(request.complete))
    request.resume()
  })
}
