/**
 * Places, of which no owner can take all: one half is for whoever comes, and in the other half nobody gets a place who has one already.
 * Who names no owner can take any.
 */
export class Shares {
  readonly #most: number
  readonly #of = new Map<string | undefined, number>()
  #taken = 0

  constructor(most: number) {
    this.#most = most
  }

  mayTake(owner: string | undefined): boolean {
    if (this.#taken < this.#most / 2) return true
    return this.#taken < this.#most && (owner === undefined || !this.#of.has(owner))
  }

  take(owner: string | undefined): void {
    this.#taken += 1
    this.#of.set(owner, (this.#of.get(owner) ?? 0) + 1)
  }

  giveBack(owner: string | undefined): void {
    this.#taken -= 1
    const left = (this.#of.get(owner) ?? 0) - 1
    if (left > 0) this.#of.set(owner, left)
    else this.#of.delete(owner)
  }
}
