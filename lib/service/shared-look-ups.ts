/**
 * Look-ups that many ask for at the same time are done for all of them together. None is answered by a look-up that began before
 * it asked, so nobody sees what has been changed since.
 */
export class SharedLookUps<Found> {
  readonly #running = new Map<string, Promise<Found>>()
  readonly #next = new Map<string, Promise<Found>>()

  of(key: string, find: () => Promise<Found>): Promise<Found> {
    const running = this.#running.get(key)
    if (!running) return this.#begin(key, find)
    const next = this.#next.get(key) ?? this.#after(running, key, find)
    this.#next.set(key, next)
    return next
  }

  async #after(running: Promise<Found>, key: string, find: () => Promise<Found>): Promise<Found> {
    await running.catch(() => {})
    this.#next.delete(key)
    return await this.#begin(key, find)
  }

  #begin(key: string, find: () => Promise<Found>): Promise<Found> {
    const running = find().finally(() => {
      if (this.#running.get(key) === running) this.#running.delete(key)
    })
    this.#running.set(key, running)
    return running
  }
}
