import type { Blame } from '../../api/blame.js'
import { localTime, printable } from '../printable.js'
import { type Look, MARKS, paint, placeOf, renderValues } from './change.js'
import { shownValue } from './value.js'

/** Who wrote a row, as text. */
export function renderBlame({ table, key, outside, changes, since }: Blame, look: Look): string {
  const { colors } = look
  const lines = [`${printable(table)} ${Object.values(key).map(shownValue).join(', ')}\n`]
  if (outside) lines.push(`${colors.yellow('changed outside of dasy')}\n`)
  for (const change of changes) {
    const { run, time, command, op } = change
    const place = placeOf(change)
    const what = paint(op, colors)(`${MARKS[op]} ${op}`)
    lines.push(`\n${colors.bold(`run ${run}`)}  ${localTime(time)}  ${command}  ${what}`)
    lines.push(place ? `  ${colors.dim(place)}\n` : '\n')
    lines.push(...renderValues({ ...change, key }, look).map((line) => `${line}\n`))
  }
  const back = since
    ? `the history of ${printable(table)} goes back to run ${since.run}, ${localTime(since.time)}`
    : `there is no history of ${printable(table)}`
  lines.push(`\n${colors.dim(back)}\n`)
  return lines.join('')
}
