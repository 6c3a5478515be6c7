// What the server's log tells of a run: each statement of each session, and its plan.
import { closeSync, openSync, readSync, statSync } from 'node:fs'

/** The time as a number, the session, and what it calls itself. */
const PREFIX = '%n|%p|%a|'
const ENTRY = /^(\d+\.\d+)\|(\d+)\|([^|]*)\|LOG: {2}duration: ([\d.]+) ms {2}(plan|\w+[^:\n]*):\s+([\s\S]*)$/

export const TIMES = {
  log_line_prefix: PREFIX,
  log_min_duration_statement: '0',
}

/** To look at each row that passes costs time, so times are not taken from a run with plans. */
export const PLANS = {
  log_line_prefix: PREFIX,
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_buffers': 'on',
  'auto_explain.log_wal': 'on',
  'auto_explain.log_nested_statements': 'on',
}

/**
 * @typedef {object} Entry
 * @property {number} session
 * @property {string} application
 * @property {number} began in seconds since 1970
 * @property {number} seconds
 * @property {boolean} isExecution and not its parsing or its parameters, which are timed on their own
 * @property {string} text the statement, or its plan
 */

export class ServerLog {
  #bench
  #path

  /** @param {import('../workbench.mjs').Workbench} bench with a server of its own */
  constructor(bench) {
    this.#bench = bench
    this.#path = /** @type {import('../server.mjs').Server} */ (bench.server).log
  }

  /**
   * What is logged while `work` is done, of statements that began meanwhile.
   * @template T
   * @param {Record<string, string>} settings
   * @param {() => Promise<T>} work
   */
  async during(settings, work) {
    await this.#set(Object.entries(settings).map(([name, value]) => `ALTER SYSTEM SET ${name} = '${value}'`))
    const start = statSync(this.#path).size
    const began = Date.now() / 1000
    const done = await work()
    const ended = Date.now() / 1000
    await this.#set(['ALTER SYSTEM RESET ALL'])
    const entries = entriesOf(this.#since(start))
    return { done, began, entries: entries.filter((entry) => entry.began >= began && entry.began <= ended) }
  }

  /** @param {string[]} changes */
  async #set(changes) {
    // Loaded, so that the server knows the names of its settings.
    await this.#bench.sql("LOAD 'auto_explain'", ...changes, 'SELECT pg_reload_conf()')
  }

  /** @param {number} start */
  #since(start) {
    const bytes = Buffer.alloc(statSync(this.#path).size - start)
    const file = openSync(this.#path, 'r')
    readSync(file, bytes, 0, bytes.length, start)
    closeSync(file)
    return bytes.toString()
  }
}

/** A line that continues an entry begins with a tab. @param {string} log @returns {Entry[]} */
function entriesOf(log) {
  return log.split(/\n(?!\t)/).flatMap((part) => {
    const [, at, session, application = '', milliseconds, kind, text = ''] = ENTRY.exec(part) ?? []
    if (at === undefined) return []
    const seconds = Number(milliseconds) / 1000
    return {
      session: Number(session),
      application,
      began: Number(at) - seconds,
      seconds,
      isExecution: /^(plan|statement|execute)/.test(kind ?? ''),
      text: text.replaceAll('\n\t', '\n').trim(),
    }
  })
}
