import type { AggregateReceipt, Receipt, Rows, Seconds } from '../contract/receipt.js'
import { count, printable, sourceNames } from './printable.js'

/** A receipt, or what is known of a run that is not complete. */
type Shown = Pick<Receipt, 'run' | 'command' | 'status' | 'source' | 'table' | 'key'> & {
  readonly rows: Partial<Rows> | null
  readonly aggregates: readonly AggregateReceipt[] | null
  readonly seconds: Seconds | null
  readonly doubts?: readonly string[]
}

/** The counts of a receipt, what they mean, and whether a zero is printed. */
const MEANINGS: readonly (readonly [keyof Rows, string, boolean])[] = [
  ['read', 'records', true],
  ['rejected', 'bad records', false],
  ['duplicates', 'repeat the key of another record', false],
  ['inserted', 'new', true],
  ['updated', 'changed', true],
  ['unchanged', 'not written', true],
  ['deleted', 'gone from the table', false],
  ['skipped', 'left out on request', false],
]

/** A receipt as text. Counts that are zero are left out, except the most important ones. */
export function renderReceipt(receipt: Shown): string {
  const { run, command, source, table, key, rows, aggregates, seconds } = receipt
  const from = source === null ? command : sourceNames(source)
  const total = seconds?.total ?? 0
  const unit = source === null ? 'changes' : 'records'
  const pace = rows?.read && total > 0 ? `, ${count(Math.round(rows.read / total))} ${unit}/s` : ''
  const lines = [
    `${printable(from)} → ${printable(table)} (${printable(key.join(', '))})`,
    `run ${run} ${receipt.status}${seconds ? ` in ${total.toFixed(2)} s${pace}` : ''}`,
    '',
  ]
  const facts: [string, number, string][] = []
  for (const [name, what, always] of MEANINGS) {
    const value = rows?.[name]
    if (value !== undefined && (value > 0 || always)) facts.push([name, value, name === 'read' ? unit : what])
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
