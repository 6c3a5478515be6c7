import type { Operation } from '../../contract/change.js'
import type { PlanDetails } from '../../contract/events.js'
import type { Colors } from '../colors.js'
import { count, printable, sourceNames } from '../printable.js'
import { renderReceipt } from '../receipt.js'
import { renderMovements } from './bars.js'
import { lookOf, renderChange } from './change.js'
import { renderSummary } from './summary.js'

/** How many changes of each kind people see. */
const SHOWN = 5
const OPERATIONS: readonly Operation[] = ['insert', 'update', 'delete']

/** What a load would do: its receipt, some of its changes, what it would reject, and how its aggregates would move. */
export function renderPlan({ receipt, makes, movements, rejects }: PlanDetails): string {
  const look = lookOf(process.stdout)
  const { colors } = look
  const { run, status, rows, sample } = receipt
  const parts = [renderReceipt(receipt), renderSummary(rows, colors)]
  let shown = 0
  for (const op of OPERATIONS)
    for (const change of sample.filter((each) => each.op === op).slice(0, SHOWN)) {
      parts.push(renderChange(change, look))
      shown += 1
    }
  const more = rows.inserted + rows.updated + rows.deleted - shown
  if (more > 0) parts.push(`… and ${count(more)} more: dasy changes ${run}\n`)
  if (rows.rejected > 0) parts.push(renderRejects(run, rows.rejected, rejects, colors))
  for (const { table, groups } of movements)
    if (groups.length > 0) parts.push(`${colors.bold(printable(table))}\n${renderMovements(groups, look)}`)
  const isNothing = !makes && rows.inserted + rows.updated + rows.deleted === 0
  if (status === 'planned' && !isNothing)
    parts.push(`Nothing is written yet. To do just this: ${colors.bold(`dasy apply ${run}`)}\n`)
  return parts.join('\n')
}

function renderRejects(
  run: number,
  rejected: number,
  rejects: PlanDetails['rejects'],
  colors: Colors,
): string {
  const lines = rejects.map(
    ({ file, line, byte, reason }) =>
      `  ${printable(sourceNames(file))}, line ${count(line)} (byte ${count(byte)}): ${printable(reason)}\n`,
  )
  const more = rejected - rejects.length
  if (more > 0) lines.push(`  … and ${count(more)} more: dasy rejects ${run}\n`)
  return `${colors.bold(`${count(rejected)} rejected`)}\n${lines.join('')}`
}
