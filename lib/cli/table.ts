import Table from 'cli-table3'
import width from 'string-width'

export interface Column {
  readonly title: string
  readonly align?: 'right'
  /** Whether it becomes narrower if the terminal is too narrow; the first such column shrinks first. */
  readonly shrinks?: boolean
}

/** The narrowest width to which a column shrinks. */
const NARROWEST = 8
const GAP = '  '

const NO_BORDERS = {
  ...Object.fromEntries(
    [
      ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
      ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'],
    ].map((name) => [name, '']),
  ),
  middle: GAP,
}

/**
 * Rows under a header. Wide characters take two columns; text that does not fit ends with an ellipsis.
 * @param terminal its width in columns; undefined if there is none
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  terminal: number | undefined,
): string {
  const natural = columns.map(({ title }, index) =>
    Math.max(...[title, ...rows.map((row) => row[index] ?? '')].map((cell) => width(cell))),
  )
  const table = new Table({
    head: columns.map(({ title }) => title),
    colWidths: fitted(columns, natural, terminal),
    colAligns: columns.map(({ align }) => align ?? 'left'),
    chars: NO_BORDERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  table.push(...rows.map((row) => [...row]))
  const lines = table.toString().split('\n')
  return lines.map((line) => `${line.trimEnd()}\n`).join('')
}

function fitted(
  columns: readonly Column[],
  natural: readonly number[],
  terminal: number | undefined,
): number[] {
  const widths = [...natural]
  if (terminal === undefined) return widths
  let excess = widths.reduce((sum, each) => sum + each, GAP.length * (widths.length - 1)) - terminal
  for (const [index, { shrinks, title }] of columns.entries()) {
    if (excess <= 0 || !shrinks) continue
    const natural = widths[index] as number
    const narrowest = Math.min(natural, Math.max(NARROWEST, title.length))
    const cut = Math.min(excess, natural - narrowest)
    widths[index] = natural - cut
    excess -= cut
  }
  return widths
}
