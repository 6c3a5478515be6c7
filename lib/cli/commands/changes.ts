import type { FoundChanges } from '../../api/changes.js'
import { EXIT, type ExitStatus } from '../../base/errors.js'
import { parseCount } from '../../contract/values.js'
import {
  type Arguments,
  type Command,
  commonOptions,
  databaseOption,
  toDatabaseOptions,
  usageError,
} from '../command.js'
import { toJson } from '../json.js'
import { count, localTime, printable, sourceNames } from '../printable.js'
import { writeOut } from '../write-out.js'

/** How many changes people see who do not ask for more. */
const SHOWN = 50
/** Lines are written together. */
const BATCH_LENGTH = 64 * 1024

export const changesCommand: Command = {
  name: 'changes',
  describe: 'Show what a run has changed, or what a plan would: each row with its old and new values',
  synonyms: ['diff', 'show'],
  positionals: { run: { describe: 'The number of the run', completes: 'run with changes' } },
  options: {
    op: {
      type: 'string',
      value: 'LIST',
      describe: 'Only these operations: insert, update, delete, or a list of them',
    },
    column: {
      type: 'string',
      value: 'NAME',
      describe: 'Only changes of this column, and only its values',
    },
    limit: {
      type: 'string',
      alias: 'n',
      value: 'N',
      default: `${SHOWN}, with --json and --csv all`,
      describe: 'How many changes to print',
    },
    csv: { type: 'boolean', group: 'Output', describe: 'Print CSV: op, the key, column, old, new' },
    ...databaseOption,
    ...commonOptions,
  },
  examples: [
    ['dasy changes 12', 'the first changes as a diff'],
    ['dasy changes 12 --op update --column price', 'only rows whose price changed'],
    ['dasy changes 12 --csv > changes.csv', 'all of them, a line for each column'],
    ['dasy changes 12 --json', 'all of them, one JSON object a line'],
  ],
  async run(argv): Promise<ExitStatus> {
    const { json, csv, op, column } = argv
    if (json && csv) throw usageError('--json and --csv cannot be combined', 'Choose one of them.')
    const run = parseCount('RUN', argv.run)
    const isAll = json || csv
    const given = argv.limit === undefined ? undefined : parseCount('--limit', argv.limit)
    const limit = isAll ? given : (given ?? SHOWN)
    const { FoundChanges } = await import('../../api/changes.js')
    // One more, to know whether there are more.
    const most = limit === undefined || isAll ? limit : limit + 1
    await using found = await FoundChanges.open(run, { ...toDatabaseOptions(argv), op, column, limit: most })
    await writeTogether(isAll ? forPrograms(found, csv) : forPeople(found, argv, limit as number))
    return EXIT.done
  },
}

async function* forPrograms(found: FoundChanges, csv: boolean): AsyncGenerator<string> {
  const { csvHeader, csvLines } = await import('../../contract/change-csv.js')
  if (csv) yield csvHeader(found.set?.key ?? found.record.key)
  for await (const change of found.read()) yield csv ? csvLines(change) : toJson(change)
}

async function* forPeople(found: FoundChanges, { quiet }: Arguments, limit: number): AsyncGenerator<string> {
  if (quiet) return
  const { lookOf, renderChange } = await import('../diff/change.js')
  const { renderSummary } = await import('../diff/summary.js')
  const look = lookOf(process.stdout)
  const { run, command, source, table, key, started_at, rows } = found.record
  const from = source === null ? '' : ` ${printable(sourceNames(source))} →`
  const when = localTime(started_at)
  yield `run ${run}, ${command}:${from} ${printable(table)} (${printable(key.join(', '))}), ${when}\n`
  const { inserted = 0, updated = 0, deleted = 0 } = found.set ?? {}
  yield renderSummary({ inserted, updated, deleted, unchanged: rows?.unchanged }, look.colors)
  let shown = 0
  for await (const change of found.read()) {
    if (shown === limit) {
      const { ops, column } = found.selection
      const left = inserted + updated + deleted - limit
      const more = ops || column !== undefined ? 'more' : `${count(left)} more`
      yield `\n… and ${more}; --limit N shows N of them\n`
      return
    }
    yield `\n${renderChange(change, look)}`
    shown += 1
  }
}

async function writeTogether(texts: AsyncIterable<string>): Promise<void> {
  let batch = ''
  for await (const text of texts) {
    batch += text
    if (batch.length < BATCH_LENGTH) continue
    await writeOut(batch)
    batch = ''
  }
  if (batch !== '') await writeOut(batch)
}
