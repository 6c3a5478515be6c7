import { EXIT, type ExitStatus } from '../../base/errors.js'
import { badValue, parseCount } from '../../contract/values.js'
import type { RunRecord } from '../../ledger/history.js'
import { colorsOf } from '../colors.js'
import {
  type Arguments,
  type Command,
  commonOptions,
  databaseOption,
  toDatabaseOptions,
  usageError,
} from '../command.js'
import { printJson, toJson } from '../json.js'
import { byteSize, count, printable } from '../printable.js'
import { renderReceipt } from '../receipt.js'
import { interruptible } from '../signals.js'

const FORMATS = ['table', 'csv', 'json', 'md'] as const
const WATCH_MS = 1000

const cleanCommand: Command = {
  name: 'runs clean',
  describe: 'Discard runs that stopped: remove their staging, and keep their history and rejects',
  positionals: {
    run: {
      describe: 'The number of a run (default: all that stopped)',
      optional: true,
      completes: 'unfinished run',
    },
  },
  options: {
    'older-than': {
      type: 'string',
      value: 'TIME',
      describe: 'Only runs that stopped at least that long ago: 30m, 12h or 7d',
    },
    history: {
      type: 'boolean',
      describe:
        'Discard no run: remove the old values that completed runs keep, so that they cannot be undone',
    },
    'dry-run': { type: 'boolean', describe: 'Only print which runs would be discarded' },
    ...databaseOption,
    ...commonOptions,
  },
  examples: [
    ['dasy runs clean --dry-run', 'which runs, and how much space they take'],
    ['dasy runs clean 5', 'one run'],
    ['dasy runs clean --older-than 7d', 'runs that stopped a week ago or earlier'],
    ['dasy runs clean --history --older-than 7d', 'what runs of a week ago or earlier have changed'],
  ],
  run: cleanRuns,
}

export const runsCommand: Command = {
  name: 'runs',
  describe: 'List the runs, or show one: status, progress and receipt',
  synonyms: ['list', 'ls', 'history', 'log', 'status'],
  positionals: { run: { describe: 'The number of a run', optional: true, completes: 'run' } },
  options: {
    limit: {
      type: 'string',
      alias: 'n',
      value: 'N',
      default: '20, with --json all',
      describe: 'How many runs to list, the newest first',
    },
    rows: { type: 'boolean', describe: 'List also the runs that write single rows, through "dasy serve"' },
    format: {
      type: 'string',
      value: 'FORMAT',
      choices: FORMATS,
      default: 'table',
      describe: 'How to print them',
    },
    watch: { type: 'boolean', describe: 'Print again after each change; with RUN until that run ends' },
    ...databaseOption,
    ...commonOptions,
  },
  examples: [
    ['dasy runs', 'the latest runs'],
    ['dasy runs 12', 'one run'],
    ['dasy runs 12 --json', 'its receipt as one JSON object; without a number an array'],
    ['dasy runs --watch', 'again after each change, until Ctrl-C'],
  ],
  subcommands: [cleanCommand],
  run: show,
}

async function show(argv: Arguments): Promise<ExitStatus> {
  const { run, limit, watch, quiet, rows } = argv
  const format = formatOf(argv)
  const number = run === undefined ? undefined : parseCount('RUN', run)
  const most = limit === undefined ? (format === 'json' ? undefined : 20) : parseCount('--limit', limit)
  const { showRuns, watchRuns } = await import('../../api/runs.js')
  const options = { ...toDatabaseOptions(argv), rows }
  if (!watch) {
    const records = await showRuns(options, number, most)
    const text = (await renderer(format, number !== undefined))(records)
    if (!quiet || format === 'json') process.stdout.write(text)
    return EXIT.done
  }
  await interruptible(async (signal) => {
    let before: string | undefined
    for await (const records of watchRuns(options, number, most, { signal, intervalMs: WATCH_MS })) {
      const text = (await renderer(format, number !== undefined))(records)
      if (text !== before) process.stdout.write(process.stdout.isTTY ? `${CLEAR}${text}` : text)
      before = text
    }
  })
  return EXIT.done
}

/** Moves the cursor to the top left and clears the screen below it. */
const CLEAR = '\x1b[H\x1b[J'

function formatOf({ format, json }: Arguments): (typeof FORMATS)[number] {
  if (format === undefined) return json ? 'json' : 'table'
  if (!FORMATS.includes(format)) throw badValue('--format', format, `must be one of ${FORMATS.join(', ')}`)
  if (json && format !== 'json')
    throw usageError(`--json and --format ${format} cannot be combined`, 'Choose one of them.')
  return format
}

async function renderer(
  format: (typeof FORMATS)[number],
  isOne: boolean,
): Promise<(records: readonly RunRecord[]) => string> {
  if (format === 'json') {
    const { receiptOf } = await import('../../ledger/history.js')
    return (records) => toJson(isOne ? receiptOf(records[0] as RunRecord) : records.map(receiptOf))
  }
  const { renderRuns, isResumable, resumeLine } = await import('../runs-table.js')
  if (format === 'table' && isOne)
    return ([record]) =>
      renderRun(record as RunRecord, (each) => (isResumable(each) ? resumeLine(each) : undefined))
  const { stdout } = process
  return (records) => renderRuns(records, format, stdout.columns || undefined, colorsOf(stdout))
}

async function cleanRuns(argv: Arguments): Promise<ExitStatus> {
  const { run, olderThan, dryRun, history, json, quiet } = argv
  const number = run === undefined ? undefined : parseCount('RUN', run)
  const { clean } = await import('../../api/runs.js')
  const { runs, bytes } = await clean({ ...toDatabaseOptions(argv), run: number, olderThan, dryRun, history })
  if (json) printJson({ runs, bytes })
  else if (!quiet) {
    const what = runs.length === 0 ? 'no run' : `${runs.length === 1 ? 'run' : 'runs'} ${runs.join(', ')}`
    const [did, removed] = dryRun ? ['would discard', 'would be removed'] : ['discarded', 'removed']
    const [whose, kept] = history ? [' the history of', 'history'] : ['', 'staging']
    process.stdout.write(
      `${did}${whose} ${what}${bytes > 0 ? `: ${byteSize(bytes)} of ${kept} ${removed}` : ''}\n`,
    )
  }
  return EXIT.done
}

function renderRun(record: RunRecord, resume: (record: RunRecord) => string | undefined): string {
  const lines = [renderReceipt(record)]
  if (record.status === 'running' && record.staged_records !== null) {
    lines.push(`  ${record.state}: ${count(record.staged_records)} records so far\n`)
  }
  if (record.error) lines.push(`  ${record.error.code}: ${printable(record.error.message)}\n`)
  const line = resume(record)
  if (line) lines.push(`  resumable: ${line}\n`)
  if (record.status === 'planned') lines.push(`  to apply it: dasy apply ${record.run}\n`)
  return lines.join('')
}
