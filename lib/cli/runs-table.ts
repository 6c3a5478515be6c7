import width from 'string-width'
import type { RunRecord } from '../ledger/history.js'
import { rowsOf } from '../ledger/history.js'
import type { Colors } from './colors.js'
import { count, localTime, printable, sourceNames } from './printable.js'
import { type Column, renderTable } from './table.js'

/** The formats of a list of runs besides JSON. */
type ListFormat = 'table' | 'csv' | 'md'

const COLUMNS: readonly (Column & { of(record: RunRecord): string })[] = [
  { title: 'run', align: 'right', of: ({ run }) => `${run}` },
  { title: 'started', of: ({ started_at }) => localTime(started_at) },
  { title: 'status', of: statusOf },
  { title: 'command', of: ({ command }) => command },
  { title: 'table', shrinks: true, of: ({ table }) => table },
  { title: 'read', align: 'right', of: (record) => grouped(rowsOf(record)?.read) },
  { title: 'rejected', align: 'right', of: (record) => grouped(rowsOf(record)?.rejected) },
  { title: 'seconds', align: 'right', of: ({ seconds }) => seconds?.total.toFixed(2) ?? '' },
  { title: 'source', shrinks: true, of: ({ source }) => sourceNames(source) },
]

/** The columns that are left out on a narrow terminal, in this order. */
const DISPENSABLE = ['rejected', 'seconds', 'command', 'read', 'started', 'table']
/** The narrowest column for names, in terminal columns. */
const NARROWEST_NAME = 12

/** Whether a run stopped and can be resumed. */
export function isResumable({ status, state }: RunRecord): boolean {
  return state !== 'ended' && status !== 'running' && status !== 'planned'
}

/** The flags by which a run may do what it has refused, by the code of its error. */
const ALLOWING: Readonly<Record<string, string>> = {
  TOO_MANY_DELETES: ' --max-deletes N',
  SYNC_WITH_REJECTS: ' --sync-despite-rejects',
}

/** The command that resumes a run, with the limit that it needs. */
export function resumeLine({ run, status, rows, error }: RunRecord): string {
  const limit = status === 'rejected' && rows?.rejected ? ` --max-rejects ${rows.rejected}` : ''
  return `dasy resume ${run}${ALLOWING[error?.code ?? ''] ?? limit}`
}

/** @param terminal its width in columns; undefined if there is none */
export function renderRuns(
  records: readonly RunRecord[],
  format: ListFormat,
  terminal: number | undefined,
  colors: Colors,
): string {
  if (format !== 'table') return (format === 'csv' ? asCsv : asMarkdown)(records)
  if (records.length === 0) return 'no runs yet\n'
  const cells = new Map(
    COLUMNS.map(({ title, of }) => [title, records.map((record) => printable(of(record)))] as const),
  )
  const shown = columnsFor(cells, terminal)
  const rows = records.map((_, row) => shown.map(({ title }) => cells.get(title)?.[row] ?? ''))
  const [head = '', ...lines] = renderTable(shown, rows, terminal).trimEnd().split('\n')
  const colored = lines.map((line, row) => colorOf(records[row] as RunRecord, colors)(line))
  return `${[colors.bold(head), ...colored].join('\n')}\n`
}

function columnsFor(
  cells: ReadonlyMap<string, readonly string[]>,
  terminal = Number.POSITIVE_INFINITY,
): typeof COLUMNS {
  let shown = COLUMNS
  const needed = () =>
    shown.reduce((sum, { title, shrinks }) => {
      const longest = Math.max(title.length, ...(cells.get(title) ?? []).map((cell) => width(cell)))
      return sum + 2 + (shrinks ? Math.min(longest, NARROWEST_NAME) : longest)
    }, -2)
  for (const title of DISPENSABLE)
    if (needed() > terminal) shown = shown.filter((each) => each.title !== title)
  return shown
}

function statusOf(record: RunRecord): string {
  return isResumable(record) ? `${record.status}, resumable` : record.status
}

function colorOf({ status }: RunRecord, colors: Colors): (text: string) => string {
  if (status === 'failed' || status === 'rejected') return colors.red
  if (status === 'running') return colors.cyan
  return status === 'interrupted' ? colors.yellow : (text) => text
}

function grouped(value: number | null | undefined): string {
  return value == null ? '' : count(value)
}

/** For programs: times in UTC, numbers without separators. */
function asCsv(records: readonly RunRecord[]): string {
  const lines = records.map((record) => {
    const { run, status, command, table, key, source, seconds, started_at, ended_at, error } = record
    const rows = rowsOf(record)
    return [
      ...[run, status, isResumable(record), command, table, key.join(','), [source ?? []].flat().join(' ')],
      ...[started_at.toISOString(), ended_at?.toISOString(), seconds?.total],
      ...[rows?.read, rows?.rejected, rows?.duplicates, rows?.inserted, rows?.updated, rows?.unchanged],
      ...[rows?.skipped, rows?.deleted, error?.code, error?.message],
    ]
  })
  return [CSV_HEADER, ...lines].map((line) => `${line.map(csvField).join(',')}\n`).join('')
}

const CSV_HEADER = [
  ...['run', 'status', 'resumable', 'command', 'table', 'key', 'source', 'started', 'ended', 'seconds'],
  ...['read', 'rejected', 'duplicates', 'inserted', 'updated', 'unchanged', 'skipped', 'deleted'],
  ...['error', 'message'],
]

function csvField(value: unknown): string {
  const text = String(value ?? '')
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function asMarkdown(records: readonly RunRecord[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => printable(cell).replaceAll('|', '\\|')).join(' | ')} |\n`
  return [
    line(COLUMNS.map(({ title }) => title)),
    line(COLUMNS.map(({ align }) => (align ? '---:' : '---'))),
    ...records.map((record) => line(COLUMNS.map(({ of }) => of(record)))),
  ].join('')
}
