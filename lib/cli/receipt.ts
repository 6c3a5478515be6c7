import type { Receipt } from '../receipt.js'
import { count, printable } from './printable.js'

/** The receipt for a person. Counts that are zero say nothing and are left out, but for those one looks for. */
export function renderReceipt(receipt: Receipt): string {
  const { run, source, table, key, rows, aggregates, seconds } = receipt
  const file = [source].flat().join(', ')
  const total = seconds?.total ?? 0
  const pace = rows && total > 0 ? `, ${count(Math.round(rows.read / total))} records/s` : ''
  const lines = [
    `${printable(file)} → ${printable(table)} (${printable(key.join(', '))})`,
    `run ${run} ${receipt.status} in ${total.toFixed(2)} s${pace}`,
    '',
  ]
  const facts: [string, number, string][] = []
  if (rows) {
    facts.push(['read', rows.read, 'records'])
    if (rows.rejected > 0) facts.push(['rejected', rows.rejected, 'bad records'])
    if (rows.duplicates > 0) facts.push(['duplicates', rows.duplicates, 'lost to another of the same key'])
    facts.push(['inserted', rows.inserted, 'new'], ['updated', rows.updated, 'changed'])
    facts.push(['unchanged', rows.unchanged, 'not written'])
    if (rows.skipped > 0) facts.push(['skipped', rows.skipped, 'as asked'])
  }
  for (const { table: name, groups } of aggregates ?? []) facts.push([printable(name), groups, 'groups'])
  const width = Math.max(...facts.map(([name]) => name.length))
  const digits = Math.max(...facts.map(([, value]) => count(value).length))
  for (const [name, value, what] of facts) {
    lines.push(`  ${name.padEnd(width)}  ${count(value).padStart(digits)}  ${what}`)
  }
  if (seconds) {
    const { plan, copy, merge, aggregate } = seconds
    const phases = { plan, copy, merge, aggregate }
    const spent = Object.entries(phases).map(([name, value]) => `${name} ${value.toFixed(2)} s`)
    lines.push('', `  ${spent.join(' · ')}`)
  }
  return `${lines.join('\n')}\n`
}
