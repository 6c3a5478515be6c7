import pLimit from 'p-limit'
import { type Outgoing, type Sender, sendOutgoing } from './send.js'

/** To so many webhooks a process sends at the same time. */
const AT_A_TIME = 8

/**
 * The sending of a process, beside its loads: a receiver that is slow holds up none of them. What is asked for while it is sent is
 * sent once more, because what was appended meanwhile may not have been seen.
 */
export class Senders {
  readonly #sender: Sender
  readonly #limit = pLimit(AT_A_TIME)
  /** Whether to send again, by what is being sent. */
  readonly #active = new Map<string, boolean>()

  constructor(sender: Sender) {
    this.#sender = sender
  }

  get isIdle(): boolean {
    return this.#active.size === 0
  }

  start(outgoing: Outgoing): void {
    const name = `${outgoing.webhook} ${outgoing.queue}`
    const isActive = this.#active.has(name)
    this.#active.set(name, isActive)
    if (!isActive) void this.#limit(() => this.#send(name, outgoing))
  }

  /** It never throws: the next repair of a worker finds what is left. */
  async #send(name: string, outgoing: Outgoing): Promise<void> {
    const { signal, note } = this.#sender
    try {
      do {
        this.#active.set(name, false)
        await sendOutgoing(this.#sender, outgoing)
      } while (this.#active.get(name) && !signal.aborted)
    } catch (error) {
      if (!signal.aborted) note(`webhook ${outgoing.webhook}: ${(error as Error).message}`)
    } finally {
      this.#active.delete(name)
    }
  }
}
