// The statements of all sessions on one time line: a row for each kind of statement in a session, its time as a bar.
import { grouped } from './grouped.mjs'
import { nameOf } from './statement-names.mjs'

/** @typedef {import('./server-log.mjs').Statement} Entry */

const COLUMNS = 60
const NAME = 40
/** What takes less of the whole than this is only summed up. */
const SMALL = 0.005

/**
 * @param {Entry[]} statements
 * @param {number} began when the process was started
 * @param {number} seconds that it took
 */
export function timeLine(statements, began, seconds) {
  const scale = `${''.padEnd(NAME + 2)}0${seconds.toFixed(2).padStart(COLUMNS)} s`
  const sessions = grouped(statements, (entry) => entry.session).values()
  return [scale, ...[...sessions].flatMap((own) => sessionLines(own, began, seconds))].join('\n')
}

/** @param {Entry[]} statements of one session @param {number} began @param {number} seconds */
function sessionLines(statements, began, seconds) {
  const total = sum(statements)
  const [{ session, application } = { session: 0, application: '' }] = statements
  const kinds = [...grouped(statements, ({ text }) => nameOf(text))]
  const lines = kinds.flatMap(([name, same]) =>
    sum(same) < SMALL * seconds ? [] : `  ${name.padEnd(NAME)}${bar(same, began, seconds)}${sumOf(same)}`,
  )
  const small = kinds.flatMap(([, same]) => (sum(same) < SMALL * seconds ? same : []))
  if (small.length > 0) lines.push(`  ${'others'.padEnd(NAME)}${bar(small, began, seconds)}${sumOf(small)}`)
  return [`session ${session} (${application}): ${total.toFixed(3)} s in statements`, ...lines]
}

/** @param {Entry[]} statements @param {number} began @param {number} seconds */
function bar(statements, began, seconds) {
  const columns = Array.from({ length: COLUMNS }, () => '·')
  const column = (/** @type {number} */ at) =>
    Math.min(COLUMNS - 1, Math.floor(((at - began) / seconds) * COLUMNS))
  for (const entry of statements)
    columns.fill('█', column(entry.began), column(entry.began + entry.seconds) + 1)
  return columns.join('')
}

/** @param {Entry[]} statements */
function sumOf(statements) {
  const times = statements.filter(({ isExecution }) => isExecution).length
  return `${sum(statements).toFixed(3).padStart(8)} s${times > 1 ? `, ${times} times` : ''}`
}

/** @param {Entry[]} statements */
function sum(statements) {
  return statements.reduce((total, entry) => total + entry.seconds, 0)
}
