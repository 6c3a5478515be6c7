import { EXIT, type ExitStatus } from '../../errors.js'
import type { RunRecord } from '../../ledger/history.js'
import { badValue } from '../../option-values.js'
import {
  type Arguments,
  type Command,
  commonOptions,
  databaseOption,
  toDatabaseOptions,
  usageError,
} from '../command.js'
import { printJson } from '../json.js'
import { byteSize, count, printable } from '../printable.js'
import { renderReceipt } from '../receipt.js'
import { runNumber } from '../run-number.js'

const CLEAN = 'clean'

export const runsCommand: Command = {
  name: 'runs',
  describe: 'What ran, how far it is, and what it did; "runs clean" gives up what stopped',
  positionals: { run: { describe: 'One run, by its number; or "clean"', optional: true } },
  options: {
    limit: { type: 'string', alias: 'n', describe: 'How many, the newest first (20)' },
    'older-than': { type: 'string', describe: 'clean: only what stopped so long ago, 30m, 12h or 7d' },
    ...databaseOption,
    ...commonOptions,
  },
  examples: [
    ['dasy runs', 'the latest runs'],
    ['dasy runs 12 --json', 'one receipt, for a program'],
    ['dasy runs clean --older-than 7d', 'give up runs that stopped a week ago, and remove their staging'],
  ],
  run: (argv) => (argv.run === CLEAN ? clean(argv) : show(argv)),
}

async function show(argv: Arguments): Promise<ExitStatus> {
  const { run, limit, olderThan, json, quiet } = argv
  if (olderThan !== undefined) throw usageError('--older-than is for "dasy runs clean"', 'Leave it out.')
  const number = run === undefined ? undefined : runNumber('RUN', run)
  const most = limit === undefined ? (json ? undefined : 20) : runNumber('--limit', limit)
  const { receiptOf, showRuns } = await import('../../runs.js')
  const records = await showRuns(toDatabaseOptions(argv), number, most)
  if (json) printJson(records.map(receiptOf))
  else if (!quiet) process.stdout.write(number === undefined ? renderTable(records) : renderRun(records[0]))
  return EXIT.done
}

async function clean(argv: Arguments): Promise<ExitStatus> {
  const { olderThan, json, quiet } = argv
  const age = olderThan === undefined ? undefined : milliseconds(olderThan)
  const { cleanRuns } = await import('../../runs.js')
  const { runs, bytes } = await cleanRuns(toDatabaseOptions(argv), age)
  if (json) printJson({ runs, bytes })
  else if (!quiet) {
    const what = runs.length === 0 ? 'no run' : `${runs.length === 1 ? 'run' : 'runs'} ${runs.join(', ')}`
    process.stdout.write(`gave up ${what}${bytes > 0 ? `: ${byteSize(bytes)} of staging removed` : ''}\n`)
  }
  return EXIT.done
}

const UNITS: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

function milliseconds(text: string): number {
  const [, digits, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? []
  if (digits === undefined) throw badValue('--older-than', text, 'it takes a time such as 30m, 12h or 7d')
  return Number(digits) * (UNITS[unit] as number)
}

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
  if (record.status !== 'running' && record.state !== 'ended')
    lines.push(`  go on with: dasy resume ${record.run}\n`)
  if (record.error) lines.push(`  ${record.error.code}: ${printable(record.error.message)}\n`)
  return lines.join('')
}
