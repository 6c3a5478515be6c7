// What the server's log tells of a run: what each statement of each session took, or its plan.
import { closeSync, openSync, readSync, statSync } from 'node:fs'

/** The time as a number, the session, and what it calls itself. */
const PREFIX = '%n|%p|%a|'
const LINE = /^(\d+\.\d+)\|(\d+)\|([^|]*)\|([A-Z]+): {2}([\s\S]*)$/
const PLANNED = /^duration: ([\d.]+) ms {2}plan:\s+([\s\S]*)$/
const USED =
  /([\d.]+) s user, ([\d.]+) s system, ([\d.]+) s elapsed[\s\S]*?\d+\/(\d+) \[\S+\] page faults\/reclaims/

/** What each statement used, by getrusage() of its session before and after. It costs a few lines of the log. */
export const STATISTICS = {
  log_line_prefix: PREFIX,
  log_statement_stats: 'on',
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
 * @property {string} text the statement, or its plan
 *
 * @typedef {Entry & import('../measure/usage.mjs').Usage & { isExecution: boolean }} Statement
 * `isExecution`: and not its parsing or its parameters, which are entries of their own
 */

export class ServerLog {
  #bench
  #path

  /** @param {import('../workbench.mjs').Workbench} bench with a server of its own */
  constructor(bench) {
    this.#bench = bench
    this.#path = bench.current.server.log ?? ''
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
    const lines = linesOf(this.#since(start))
    const meanwhile = (/** @type {Entry} */ entry) => entry.began >= began && entry.began <= ended
    return {
      done,
      began,
      statements: statementsOf(lines).filter(meanwhile),
      plans: plansOf(lines).filter(meanwhile),
    }
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

/** @typedef {{ at: number, session: number, application: string, kind: string, text: string }} Line */

/** A line that continues another begins with a tab. @param {string} log @returns {Line[]} */
function linesOf(log) {
  return log.split(/\n(?!\t)/).flatMap((part) => {
    const [, at, session, application = '', kind = '', text = ''] = LINE.exec(part) ?? []
    if (at === undefined) return []
    return {
      at: Number(at),
      session: Number(session),
      application,
      kind,
      text: text.replaceAll('\n\t', '\n').trim(),
    }
  })
}

/** Three lines that follow each other: a title, the figures, the statement. @param {Line[]} lines @returns {Statement[]} */
function statementsOf(lines) {
  const prepared = preparedIn(lines)
  return lines.flatMap(({ at, session, application, text: title }, index) => {
    if (!title.endsWith(' STATISTICS')) return []
    const [figures, statement] = lines.slice(index + 1, index + 3)
    const [, user, system, elapsed, faults] = USED.exec(figures?.text ?? '') ?? []
    if (user === undefined || statement?.kind !== 'STATEMENT') return []
    return {
      session,
      application,
      began: at - Number(elapsed),
      seconds: Number(elapsed),
      processor: Number(user) + Number(system),
      faults: Number(faults),
      isExecution: /^(QUERY|EXECUTE)/.test(title),
      text: prepared.get(executed(session, statement.text)) ?? statement.text,
    }
  })
}

/** The statements that sessions prepare and execute by name. @param {Line[]} lines */
function preparedIn(lines) {
  return new Map(
    lines.flatMap(({ session, kind, text }) => {
      const [, name, prepared = ''] = /^PREPARE ("[^"]+"|\w+)[^;]*? AS\s+([\s\S]*)$/.exec(text) ?? []
      return kind === 'STATEMENT' && name ? [[`${session} ${name}`, prepared]] : []
    }),
  )
}

/** @param {number} session @param {string} text */
function executed(session, text) {
  return `${session} ${/^EXECUTE ("[^"]+"|\w+)/.exec(text)?.[1]}`
}

/** @param {Line[]} lines @returns {Entry[]} */
function plansOf(lines) {
  return lines.flatMap(({ at, session, application, text: logged }) => {
    const [, milliseconds, text = ''] = PLANNED.exec(logged) ?? []
    if (milliseconds === undefined) return []
    const seconds = Number(milliseconds) / 1000
    return { session, application, began: at - seconds, seconds, text }
  })
}
