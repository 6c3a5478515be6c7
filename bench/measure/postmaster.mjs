// What a server's processes use. Each session and each parallel worker is a child of the postmaster, and so are those that
// always run (checkpointer, WAL writer): all that PostgreSQL does is done by this family.
import { setTimeout as sleep } from 'node:timers/promises'
import { childrenOf, familyUsage, readIfThere, statOf, UNKNOWN } from './usage.mjs'

/** A session ends a moment after its client; waiting longer would not help. */
const PATIENCE_MS = 2000
const INTERVAL_MS = 5

export class Postmaster {
  /** @param {number | undefined} pid undefined if the server's processes are not visible here */
  constructor(pid) {
    this.pid = pid
  }

  /** The one whose session has this process number, if it runs on this machine. @param {number} session */
  static of(session) {
    const stat = statOf(session)
    const isPostgres = readIfThere(`/proc/${session}/cmdline`)?.includes('postgres') ?? false
    return new Postmaster(isPostgres ? stat?.parent : undefined)
  }

  usage() {
    return this.pid === undefined ? UNKNOWN : familyUsage(this.pid)
  }

  /** The processes that are there now. */
  processes() {
    return new Set(this.pid === undefined ? [] : childrenOf(this.pid).map(({ pid }) => pid))
  }

  /** Waits until no process is left that was not there before, so that what it used is counted in full. @param {Set<number>} before */
  async settle(before) {
    const deadline = Date.now() + PATIENCE_MS
    while ([...this.processes()].some((pid) => !before.has(pid)) && Date.now() < deadline)
      await sleep(INTERVAL_MS)
  }
}
