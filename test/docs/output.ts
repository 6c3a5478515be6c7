/**
 * What a page shows of an output, and what a command prints, made comparable. These differ from one run to the next or
 * from one machine to the next, and no others: times, rates, dates, ports, process numbers, widths of columns that hold
 * these, and lines that tell how far a load is.
 */
const DIFFERING: readonly (readonly [RegExp, string])[] = [
  [/^dasy: [a-z]+, \d.*\n/gm, ''],
  [/[\d,.]+ records\/s/g, 'N records/s'],
  [/\b\d+(\.\d+)? (s|ms|min)\b/g, 'N s'],
  [/"(total|start|plan|copy|merge|aggregate)":[\d.]+/g, '"$1":N'],
  [/\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?/g, 'TIME'],
  [/127\.0\.0\.1:\d+ \(process \d+\)/g, '127.0.0.1:PORT (process N)'],
  [/ +/g, ' '],
  [/ $/gm, ''],
]

export function asDeclared(output: string): string {
  const lines = DIFFERING.reduce((text, [differing, same]) => text.replaceAll(differing, same), `${output}\n`)
  return lines.trim()
}
