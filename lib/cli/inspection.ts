import type { DialectReport, Inspection } from '../api/inspect.js'
import { byteSize, count, printable, sourceNames } from './printable.js'

/** The most terminal columns for a name. */
const WIDEST_NAME = 40
const NAMES = new Map([
  [',', 'comma'],
  [';', 'semicolon'],
  ['\t', 'tab'],
  ['|', 'pipe'],
  [' ', 'space'],
])

/** An inspection as text. Counts that are zero are left out, except the most important ones. */
export function renderInspection(found: Inspection): string {
  const sections = [
    heading(found),
    doubts(found),
    columns(found),
    facts(found),
    examples(found),
    notes(found),
  ]
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n')
}

function heading({ source, kind, dialect, bytes, records, seconds }: Inspection): string[] {
  const kinds = [kind].flat()
  const dialects = [dialect].flat() as DialectReport[]
  const sources = [source].flat().map((name, index) => {
    const { delimiter, quote, escape: mark, encoding, lineEnds, header } = dialects[index] as DialectReport
    const parts = [
      NAMES.get(delimiter) ?? `delimiter ${delimiter}`,
      ...(quote === null ? ['no quotes'] : quote === '"' ? [] : [`quote ${quote}`]),
      ...(mark === null || mark === quote ? [] : [`escape ${mark}`]),
      encoding,
      ...(lineEnds === null ? [] : [lineEnds === 'mixed' ? 'mixed line ends' : lineEnds]),
      header ? 'header' : 'no header',
    ]
    return printable(`${sourceNames(name)} (${kinds[index]}): ${parts.join(', ')}`)
  })
  const pace = seconds > 0 ? `, ${count(Math.round(records / seconds))} records/s` : ''
  return [...sources, `${byteSize(bytes)} read in ${seconds.toFixed(2)} s${pace}`]
}

function columns(found: Inspection): string[] {
  const rows = found.columns.map(({ name, type, samples, empty, longest }) => [
    printable(shortened(name)),
    type,
    count(empty),
    count(longest),
    samples.map((sample) => printable(inOneLine(sample))).join(' · '),
  ])
  return aligned([['column', 'type', 'empty', 'longest', 'values'], ...rows], [2, 3])
}

function facts({ records, rejected, reasons, key, keys, duplicates, keyCandidates }: Inspection): string[] {
  const each = Object.entries(reasons).map(([reason, times]) => `${reason}: ${count(times)}`)
  const rows = [['records', count(records), '']]
  if (rejected > 0) rows.push(['rejected', count(rejected), printable(each.join(', '))])
  if (key !== null && keys !== null && duplicates !== null) {
    rows.push(['keys', count(keys), `distinct (${printable(key.join(', '))})`])
    if (duplicates > 0) rows.push(['duplicates', count(duplicates), 'repeat the key of another record'])
  }
  if (keyCandidates.length > 0)
    rows.push([
      'key candidates',
      count(keyCandidates.length),
      printable(`without repeats: ${keyCandidates.join(', ')}`),
    ])
  return aligned(rows, [1])
}

function examples({ source, rejects, rejected, repeated }: Inspection): string[] {
  const isOne = !Array.isArray(source)
  const bad = rejects.map(
    ({ file, line, byte, reason }) => `${isOne ? '' : `${file}, `}line ${line} (byte ${byte}): ${reason}`,
  )
  if (rejected > bad.length) bad.push(`… and ${count(rejected - bad.length)} more`)
  const twice = repeated.map(({ key, places }) => {
    const lines = places.map(({ file, line }) => (isOne ? `${line}` : `${file} ${line}`))
    return `${key.length > 0 ? key.join(', ') : 'the same record'}: ${isOne ? 'lines ' : ''}${lines.join(', ')}`
  })
  return [...bad, ...twice].map((line) => `  ${printable(inOneLine(line))}`)
}

function doubts(found: Inspection): string[] {
  return found.doubts.map((doubt) => `  ${printable(doubt)}`)
}

/** The text with a sign for each line break. */
function inOneLine(text: string): string {
  return text.replace(/\r\n|\n|\r/g, '⏎')
}

function notes(found: Inspection): string[] {
  return found.notes.map((note) => `  ${printable(note)}`)
}

/** @param right the indexes of the columns to align to the right */
function aligned(rows: readonly (readonly string[])[], right: readonly number[]): string[] {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => (row[index] ?? '').length)))
  return rows.map((row) => {
    const cells = row.map((cell, index) =>
      right.includes(index) ? cell.padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0),
    )
    return `  ${cells.join('  ')}`.trimEnd()
  })
}

function shortened(name: string): string {
  return name.length > WIDEST_NAME ? `${name.slice(0, WIDEST_NAME - 1)}…` : name
}
