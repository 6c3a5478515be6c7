import width from 'string-width'
import type { Change, Operation, Values } from '../../contract/change.js'
import { type Colors, colorsOf } from '../colors.js'
import { count, printable } from '../printable.js'
import { cutAround, cutMiddle } from './cut.js'
import { shownValue } from './value.js'

export const MARKS: Readonly<Record<Operation, string>> = { insert: '+', update: '~', delete: '-' }

/** What changes look like. */
export interface Look {
  /** The columns of the terminal. */
  readonly columns: number
  readonly colors: Colors
}

/** Of a pipe, which has no columns. */
const DEFAULT_COLUMNS = 100

export function lookOf(stream: NodeJS.WriteStream): Look {
  return { columns: stream.columns || DEFAULT_COLUMNS, colors: colorsOf(stream) }
}

const INDENT = '    '
const GAP = '  '
const ARROW = ' → '
const MOST_NAME = 24

export function paint(op: Operation, { green, yellow, red }: Colors): (text: string) => string {
  return { insert: green, update: yellow, delete: red }[op]
}

/** A change as a block of lines: its key and place, then a line for each column. */
export function renderChange(change: Change, look: Look): string {
  const { op, key } = change
  const { columns, colors } = look
  const place = placeOf(change)
  const room = columns - 2 - (place ? width(place) + GAP.length : 0)
  const shown = cutMiddle(Object.values(key).map(shownValue).join(', '), Math.max(8, room))
  const head = paint(op, colors)(colors.bold(`${MARKS[op]} ${shown}`))
  const lines = renderValues(change, look)
  return `${[place ? `${head}${GAP}${colors.dim(place)}` : head, ...lines].join('\n')}\n`
}

/** `products.csv, line 12`, or the byte where the line is not known; nothing without a place. */
export function placeOf({ source, line, byte }: Pick<Change, 'source' | 'line' | 'byte'>): string {
  if (source === null) return ''
  const name = source === '-' ? 'standard input' : printable(source)
  if (line !== null) return `${name}, line ${count(line)}`
  return byte === null ? name : `${name}, byte ${count(byte)}`
}

/** A line for each column, aligned. */
export function renderValues(
  { op, key, old = {}, new: now = {} }: Pick<Change, 'op' | 'old' | 'new'> & { readonly key?: Values },
  { columns, colors }: Look,
): string[] {
  const values = op === 'delete' ? old : now
  // The key is in the line above already.
  const names = Object.keys(values).filter((name) => op === 'update' || !key || !Object.hasOwn(key, name))
  const nameColumns = Math.min(MOST_NAME, Math.max(0, ...names.map((name) => width(printable(name)))))
  const room = Math.max(10, columns - INDENT.length - nameColumns - GAP.length)
  const label = (name: string) =>
    `${INDENT}${padded(cutMiddle(printable(name), nameColumns), nameColumns)}${GAP}`
  if (op !== 'update') {
    const color = paint(op, colors)
    return names.map((name) => `${label(name)}${color(cutMiddle(shownValue(values[name] ?? null), room))}`)
  }
  const half = Math.max(4, Math.floor((room - ARROW.length) / 2))
  const pairs = names.map((name) =>
    cutAround(shownValue(old[name] ?? null), shownValue(now[name] ?? null), half),
  )
  const oldColumns = Math.max(0, ...pairs.map(([before]) => width(before)))
  return names.map((name, index) => {
    const [before, after] = pairs[index] as [string, string]
    return `${label(name)}${colors.red(before)}${padding(before, oldColumns)}${colors.dim(ARROW)}${colors.green(after)}`
  })
}

function padded(text: string, columns: number): string {
  return text + padding(text, columns)
}

function padding(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - width(text)))
}
