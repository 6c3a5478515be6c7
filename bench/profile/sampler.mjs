// Samples what the client and the server have used, many times a second, so that it can be told for each phase of a run, and
// for each kind of process of the server.
import { childrenOf, difference, familyUsage, readIfThere } from '../measure/usage.mjs'

const INTERVAL_MS = 20

/**
 * @typedef {import('../measure/usage.mjs').Usage} Usage
 * @typedef {{ seconds: number, client: Usage, server: Usage }} Sample since the run began
 * @typedef {{ kind: string, first: Usage, last: Usage }} Seen
 */

export class Sampler {
  #postmaster
  /** @type {Sample[]} */
  #samples = []
  /** @type {Map<number, Seen>} */
  #seen = new Map()

  /** @param {number} postmaster */
  constructor(postmaster) {
    this.#postmaster = postmaster
  }

  /** Samples until the function that it returns is called. @param {number} client whose children are the client */
  watch(client) {
    const began = performance.now()
    const before = familyUsage(this.#postmaster)
    this.#look(true)
    const sample = () => {
      this.#look(false)
      this.#samples.push({
        seconds: (performance.now() - began) / 1000,
        client: familyUsage(client),
        server: difference(familyUsage(this.#postmaster), before),
      })
    }
    const timer = setInterval(sample, INTERVAL_MS)
    return () => clearInterval(timer)
  }

  /** What was used between two moments, in seconds since the run began. @param {number} from @param {number} to */
  between(from, to) {
    const [first, last] = [this.#at(from), this.#at(to)]
    return { client: difference(last.client, first.client), server: difference(last.server, first.server) }
  }

  /** What each kind of process used, as far as it was seen: what happens after a process's last sample is not. */
  byKind() {
    /** @type {Map<string, Usage & { processes: number }>} */
    const kinds = new Map()
    for (const { kind, first, last } of this.#seen.values()) {
      const { processor, faults } = difference(last, first)
      const sum = kinds.get(kind) ?? { processor: 0, faults: 0, processes: 0 }
      kinds.set(kind, {
        processor: sum.processor + processor,
        faults: sum.faults + faults,
        processes: sum.processes + 1,
      })
    }
    return kinds
  }

  /** @param {boolean} isBefore what a process used before the run does not count */
  #look(isBefore) {
    for (const { pid, ticks, faults } of childrenOf(this.#postmaster)) {
      const now = { processor: ticks / 100, faults }
      const seen = this.#seen.get(pid)
      if (seen) seen.last = now
      else
        this.#seen.set(pid, {
          kind: kindOf(pid),
          first: isBefore ? now : { processor: 0, faults: 0 },
          last: now,
        })
    }
  }

  /** The last sample that is not later. @param {number} moment @returns {Sample} */
  #at(moment) {
    const nothing = { processor: 0, faults: 0 }
    const start = { seconds: 0, client: nothing, server: nothing }
    return (
      this.#samples.findLast(({ seconds, client }) => seconds <= moment && !Number.isNaN(client.faults)) ??
      start
    )
  }
}

/** PostgreSQL's processes tell in their titles what they are. @param {number} pid */
function kindOf(pid) {
  const title = readIfThere(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim() ?? ''
  const [, kind = 'session'] =
    /^postgres: (parallel worker|checkpointer|background writer|walwriter|autovacuum \w+|io worker|logical \w+)/.exec(
      title,
    ) ?? []
  return kind
}
