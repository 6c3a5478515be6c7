/** A record that a load would reject: where it is in its source, and why. */
export interface RejectPlace {
  /** Ordinal of the source. */
  readonly source: number
  readonly line: number
  readonly byte: number
  readonly reason: string
}

const SHOWN = 10

/** Counts rejects, and keeps the first. */
export class RejectTally {
  #count = 0
  readonly #reasons = new Map<string, number>()
  readonly #first: RejectPlace[] = []

  get count(): number {
    return this.#count
  }

  /** How many there are of each kind of reason, the most first. */
  get reasons(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#reasons].sort(([, a], [, b]) => b - a))
  }

  /** In the order of the sources. */
  get first(): readonly RejectPlace[] {
    return this.#first
  }

  /**
   * One source after the other, but not necessarily in the order of its records.
   * @param reason `too few fields: 2 of 3`
   * @param least it is not before this byte
   * @param locate asked only if it might be one of the first
   */
  add(source: number, reason: string, least: number, locate: () => { line: number; byte: number }): void {
    this.#count += 1
    // What is behind the colon may be different for each.
    const [kind = ''] = reason.split(':')
    this.#reasons.set(kind, (this.#reasons.get(kind) ?? 0) + 1)
    const last = this.#first[SHOWN - 1]
    if (last && (source > last.source || least > last.byte)) return
    const { line, byte } = locate()
    this.#first.push({ source, line, byte, reason })
    this.#first.sort((a, b) => a.source - b.source || a.byte - b.byte)
    this.#first.splice(SHOWN)
  }
}
