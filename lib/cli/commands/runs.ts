import { EXIT, type ExitStatus } from '../../errors.js'
import type { RunRecord } from '../../ledger/history.js'
import { badOption } from '../../options.js'
import type { Receipt } from '../../receipt.js'
import { type Command, commonOptions, databaseOption } from '../command.js'
import { count, printable } from '../printable.js'
import { renderReceipt } from '../receipt.js'

export const runsCommand: Command = {
  usage: 'runs [run]',
  describe: 'What ran, how far it is, and what it did',
  positionals: { run: { type: 'string', describe: 'One run, by its number' } },
  options: {
    limit: { type: 'string', alias: 'n', requiresArg: true, describe: 'How many, the newest first (20)' },
    ...databaseOption,
    ...commonOptions,
  },
  examples: [
    ['dasy runs', 'the latest runs'],
    ['dasy runs 12 --json', 'one receipt, for a program'],
  ],
  async run({ run, limit, databaseUrl, json, quiet }): Promise<ExitStatus> {
    const number = whole('run', run)
    const most = whole('limit', limit) ?? (json ? undefined : 20)
    const { showRuns } = await import('../../runs.js')
    const records = await showRuns(databaseUrl, number, most)
    if (json) process.stdout.write(`${JSON.stringify(records.map(toReceipt))}\n`)
    else if (!quiet) process.stdout.write(number === undefined ? renderTable(records) : renderRun(records[0]))
    return EXIT.done
  },
}

function whole(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw badOption(flag, text, 'it takes a whole number from 1')
}

function toReceipt(record: RunRecord): Receipt {
  const { run, command, status, source, table, key, bytes, workers, rows, aggregates, seconds } = record
  return { run, command, status, source, table, key, bytes, workers, rows, aggregates, seconds }
}

function renderTable(records: readonly RunRecord[]): string {
  if (records.length === 0) return 'no runs yet\n'
  const cells = records.map(({ run, status, command, table, source, rows, seconds, started_at }) => [
    String(run),
    started_at.toISOString().slice(0, 19).replace('T', ' '),
    status,
    command,
    printable(table),
    rows?.read === undefined ? '' : `${count(rows.read)} read`,
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
  const lines = [renderReceipt(toReceipt(record))]
  if (record.status === 'running' && record.staged_records !== null) {
    lines.push(`  ${record.state}: ${count(record.staged_records)} records so far\n`)
  }
  if (record.error) lines.push(`  ${record.error.code}: ${printable(record.error.message)}\n`)
  return lines.join('')
}
