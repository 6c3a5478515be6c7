import { EXIT, type ExitStatus } from '../../errors.js'
import type { RunRecord } from '../../ledger/history.js'
import { badValue } from '../../options.js'
import type { KnownRows, Seconds } from '../../receipt.js'
import { type Command, commonOptions, databaseOption, toDatabaseOptions } from '../command.js'
import { count, printable } from '../printable.js'
import { renderReceipt } from '../receipt.js'

export const runsCommand: Command = {
  name: 'runs',
  describe: 'What ran, how far it is, and what it did',
  positionals: { run: { describe: 'One run, by its number', optional: true } },
  options: {
    limit: { type: 'string', alias: 'n', describe: 'How many, the newest first (20)' },
    ...databaseOption,
    ...commonOptions,
  },
  examples: [
    ['dasy runs', 'the latest runs'],
    ['dasy runs 12 --json', 'one receipt, for a program'],
  ],
  async run(argv): Promise<ExitStatus> {
    const { run, limit, json, quiet } = argv
    const number = whole('RUN', run)
    const most = whole('--limit', limit) ?? (json ? undefined : 20)
    const { showRuns } = await import('../../runs.js')
    const records = await showRuns(toDatabaseOptions(argv), number, most)
    if (json) process.stdout.write(`${JSON.stringify(records.map(toReceipt))}\n`)
    else if (!quiet) process.stdout.write(number === undefined ? renderTable(records) : renderRun(records[0]))
    return EXIT.done
  },
}

function whole(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw badValue(flag, text, 'it takes a whole number from 1')
}

/** A run as a receipt: every field is there, null where it is not known. */
function toReceipt(record: RunRecord): object {
  const { run, command, status, source, table, key, bytes, workers, rows, aggregates, seconds } = record
  return {
    run,
    command,
    status,
    source,
    table,
    key,
    bytes,
    workers,
    rows: rows && { ...UNKNOWN_ROWS, ...rows },
    aggregates,
    seconds: seconds && { ...NO_SECONDS, ...seconds },
  }
}

// jsonb keeps no order of keys; these do.
const UNKNOWN_ROWS: KnownRows = {
  read: null,
  rejected: null,
  duplicates: null,
  inserted: null,
  updated: null,
  unchanged: null,
  skipped: null,
  deleted: null,
}
const NO_SECONDS: Seconds = { total: 0, plan: 0, copy: 0, merge: 0, aggregate: 0 }

function renderTable(records: readonly RunRecord[]): string {
  if (records.length === 0) return 'no runs yet\n'
  const cells = records.map(({ run, status, command, table, source, rows, seconds, started_at }) => [
    String(run),
    started_at.toISOString().slice(0, 19).replace('T', ' '),
    status,
    command,
    printable(table),
    rows?.read == null ? '' : `${count(rows.read)} read`,
    seconds ? `${seconds.total.toFixed(2)} s` : '',
    printable([source].flat().join(', ')),
  ])
  const widths = (cells[0] as string[]).map((_, column) =>
    Math.max(...cells.map((row) => (row[column] as string).length)),
  )
  return `${cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] as number))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')}\n`
}

function renderRun(record: RunRecord | undefined): string {
  if (!record) return ''
  const lines = [renderReceipt(record)]
  if (record.status === 'running' && record.staged_records !== null) {
    lines.push(`  ${record.state}: ${count(record.staged_records)} records so far\n`)
  }
  if (record.error) lines.push(`  ${record.error.code}: ${printable(record.error.message)}\n`)
  return lines.join('')
}
