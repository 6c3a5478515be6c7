// The plans that auto_explain logged, each under the name of its statement.
import { nameOf } from './statement-names.mjs'

/** @typedef {import('./server-log.mjs').Entry} Entry */

/** The statement comes first, then its parameters, then the plan's nodes. */
const PLAN = /^Query Text: ([\s\S]*?)\n(?:Query Parameters: [\s\S]*?\n)?(\S.* {2}\(cost=[\s\S]*)$/

/** @param {Entry} plan */
export function isMerge({ text }) {
  return nameOf(PLAN.exec(text)?.[1] ?? '').startsWith('merge/')
}

/** @param {Entry} plan */
export function planText({ session, seconds, text }) {
  const [, statement = text, nodes = text] = PLAN.exec(text) ?? []
  return `${nameOf(statement)}: ${seconds.toFixed(3)} s, session ${session}\n${nodes.replace(/^/gm, '  ')}`
}
