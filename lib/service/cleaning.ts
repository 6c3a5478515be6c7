import { cleanUploads } from './clean-uploads.js'
import type { Service } from './service.js'

const EVERY_MS = 60_000

/** Removes files of clients that are done with, every minute and after each run. */
export class Cleaning implements AsyncDisposable {
  readonly #service: Service
  readonly #timer: NodeJS.Timeout
  #work: Promise<void> | undefined
  #isWanted = true

  constructor(service: Service) {
    this.#service = service
    this.#timer = setInterval(this.soon, EVERY_MS)
    this.soon()
  }

  readonly soon = (): void => {
    this.#isWanted = true
    this.#work ??= this.#clean().finally(() => {
      this.#work = undefined
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#work
  }

  /** Once more, if something happened meanwhile. */
  async #clean(): Promise<void> {
    while (this.#isWanted) {
      this.#isWanted = false
      // What cannot be removed now is removed later.
      await cleanUploads(this.#service).catch(() => {})
    }
  }
}
