import type { Bad } from '../csv/detection/remedies.js'

/** A record that a load would reject. */
export interface RejectLocation {
  /** The number of its source, from 0. */
  readonly source: number
  readonly line: number
  readonly byte: number
  readonly reason: string
}

const SHOWN = 10
/** The most records, and bytes of records, that are kept for trying other dialects on them. */
const KEPT = 500
const KEPT_BYTES = 1024 * 1024

/** Counts rejects, and keeps the first ones. */
export class RejectTally {
  #count = 0
  readonly #reasons = new Map<string, number>()
  readonly #first: RejectLocation[] = []
  readonly #kept: (Bad & { readonly source: number })[] = []
  #keptBytes = 0

  get count(): number {
    return this.#count
  }

  /** The number for each kind of reason, the largest first. */
  get reasons(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#reasons].sort(([, a], [, b]) => b - a))
  }

  /** The first rejected records of a source. */
  keptOf(source: number): Bad[] {
    return this.#kept.filter((each) => each.source === source)
  }

  keep(source: number, { reason, record, complete }: Bad & { readonly complete: boolean }): void {
    if (!complete || this.#kept.length >= KEPT || this.#keptBytes >= KEPT_BYTES) return
    this.#kept.push({ source, reason, record })
    this.#keptBytes += record.length
  }

  /** In the order of the sources. */
  get first(): readonly RejectLocation[] {
    return this.#first
  }

  /**
   * Counts a reject. Sources come in order, the records of one source need not.
   * @param reason `too few fields: 2 of 3`
   * @param least an offset at or before the record's
   * @param locate finds the record; called only if it may be one of the first
   */
  add(source: number, reason: string, least: number, locate: () => { line: number; byte: number }): void {
    this.#count += 1
    // The text after the colon may differ for each.
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
