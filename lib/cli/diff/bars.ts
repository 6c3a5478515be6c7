import width from 'string-width'
import type { Movement } from '../../contract/events.js'
import { count } from '../printable.js'
import type { Look } from './change.js'
import { cutMiddle } from './cut.js'
import { shownValue } from './value.js'

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
const LONGEST_BAR = 24
const MOST_LABEL = 28

/** The movements of an aggregate as bars, one to a line, in their order: what grows is green, what shrinks is red. */
export function renderMovements(movements: readonly Movement[], { columns, colors }: Look): string {
  const labels = movements.map(({ value }) => cutMiddle(shownValue(value), Math.min(MOST_LABEL, columns / 3)))
  const changes = movements.map(({ before, after }) => signed(after - before))
  const counts = movements.map(({ before, after }) => `${count(before)} → ${count(after)}`)
  const widest = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => width(text)))
  const room = columns - 2 - widest(labels) - widest(changes) - widest(counts) - 6
  const longest = Math.max(4, Math.min(LONGEST_BAR, room))
  const largest = Math.max(1, ...movements.map(({ before, after }) => Math.abs(after - before)))
  return movements
    .map(({ before, after }, index) => {
      const [label, change, counted] = [labels[index] ?? '', changes[index] ?? '', counts[index] ?? '']
      const bar = barOf((Math.abs(after - before) / largest) * longest)
      const color = after < before ? colors.red : colors.green
      const cells = [
        label + ' '.repeat(widest(labels) - width(label)),
        change.padStart(widest(changes)),
        color(bar) + ' '.repeat(longest - bar.length),
        colors.dim(counted),
      ]
      return `  ${cells.join('  ')}\n`
    })
    .join('')
}

/** A bar of so many columns, in eighths; the smallest is not empty. */
function barOf(columns: number): string {
  const eighths = Math.max(1, Math.round(columns * 8))
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]
}

function signed(change: number): string {
  return change < 0 ? `-${count(-change)}` : `+${count(change)}`
}
