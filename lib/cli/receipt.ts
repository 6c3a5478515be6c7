import type { AggregateReceipt, Receipt, Rows, Seconds } from '../contract/receipt.js'
import { count, printable, sourceNames } from './printable.js'

/** A receipt, or what is known of a run that is under way or did not end well. */
type Shown = Pick<Receipt, 'run' | 'status' | 'source' | 'table' | 'key'> & {
  readonly rows: Partial<Rows> | null
  readonly aggregates: readonly AggregateReceipt[] | null
  readonly seconds: Seconds | null
  readonly doubts?: readonly string[]
}

/** The rows of a receipt, what they mean, and whether even a zero is worth a line. */
const MEANINGS: readonly (readonly [keyof Rows, string, boolean])[] = [
  ['read', 'records', true],
  ['rejected', 'bad records', false],
  ['duplicates', 'lost to another of the same key', false],
  ['inserted', 'new', true],
  ['updated', 'changed', true],
  ['unchanged', 'not written', true],
  ['skipped', 'as asked', false],
]

/** The receipt for a person. Counts that are zero say nothing and are left out, but for those one looks for. */
export function renderReceipt(receipt: Shown): string {
  const { run, source, table, key, rows, aggregates, seconds } = receipt
  const file = sourceNames(source)
  const total = seconds?.total ?? 0
  const pace = rows?.read && total > 0 ? `, ${count(Math.round(rows.read / total))} records/s` : ''
  const lines = [
    `${printable(file)} → ${printable(table)} (${printable(key.join(', '))})`,
    `run ${run} ${receipt.status}${seconds ? ` in ${total.toFixed(2)} s${pace}` : ''}`,
    '',
  ]
  const facts: [string, number, string][] = []
  for (const [name, what, always] of MEANINGS) {
    const value = rows?.[name]
    if (value !== undefined && (value > 0 || always)) facts.push([name, value, what])
  }
  for (const { table: name, groups } of aggregates ?? []) facts.push([printable(name), groups, 'groups'])
  const width = Math.max(0, ...facts.map(([name]) => name.length))
  const digits = Math.max(0, ...facts.map(([, value]) => count(value).length))
  for (const [name, value, what] of facts) {
    lines.push(`  ${name.padEnd(width)}  ${count(value).padStart(digits)}  ${what}`)
  }
  if (seconds) {
    const { start, plan, copy, merge, aggregate } = seconds
    const phases = { start, plan, copy, merge, aggregate }
    const spent = Object.entries(phases).map(([name, value]) => `${name} ${(value ?? 0).toFixed(2)} s`)
    lines.push('', `  ${spent.join(' · ')}`)
  }
  const { doubts = [] } = receipt
  if (doubts.length > 0) lines.push('', ...doubts.map((doubt) => `  ${printable(doubt)}`))
  return `${lines.join('\n')}\n`
}
