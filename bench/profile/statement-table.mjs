// The processor seconds and page faults of the server by statement.
import { grouped } from './grouped.mjs'
import { nameOf } from './statement-names.mjs'

/** @typedef {import('./server-log.mjs').Statement} Statement */

const NAME = 62
/** Statements that used less of the whole than this are one line together. */
const SMALL = 0.005
const MOST = 25

/** @param {Statement[]} statements @param {import('../measure/usage.mjs').Usage} server all that the server used */
export function statementTable(statements, server) {
  const kinds = [...grouped(statements, ({ text }) => nameOf(text))].map(([name, same]) => sumOf(name, same))
  const large = kinds
    .filter(({ processor }) => processor >= SMALL * server.processor)
    .sort((one, other) => other.processor - one.processor)
    .slice(0, MOST)
  const small = kinds.filter((kind) => !large.includes(kind))
  const all = total('all statements', kinds)
  const rest = {
    name: 'parallel workers, starts and ends of sessions, background processes',
    processor: server.processor - all.processor,
    faults: server.faults - all.faults,
  }
  const rows = [...large, total(`${small.length} others`, small), all, rest]
  return [`${'statement'.padEnd(NAME)}processor   elapsed     faults   times`, ...rows.map(line)].join('\n')
}

/** @param {string} name @param {Statement[]} same */
function sumOf(name, same) {
  return { ...total(name, same), times: same.filter(({ isExecution }) => isExecution).length }
}

/** @param {string} name @param {{ processor: number, faults: number, seconds: number, times?: number }[]} parts */
function total(name, parts) {
  const sum = (/** @type {'processor' | 'faults' | 'seconds'} */ of) =>
    parts.reduce((so_far, part) => so_far + part[of], 0)
  return {
    name,
    processor: sum('processor'),
    faults: sum('faults'),
    seconds: sum('seconds'),
    times: parts.reduce((so_far, { times = 0 }) => so_far + times, 0),
  }
}

/** @param {{ name: string, processor: number, faults: number, seconds?: number, times?: number }} row */
function line({ name, processor, faults, seconds, times }) {
  const cells = [
    `${processor.toFixed(3)} s`.padStart(9),
    (seconds === undefined ? '' : `${seconds.toFixed(3)} s`).padStart(10),
    faults.toLocaleString('en').padStart(11),
    (times ? String(times) : '').padStart(8),
  ]
  return `${name.padEnd(NAME)}${cells.join('')}`
}
