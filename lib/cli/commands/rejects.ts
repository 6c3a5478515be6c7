import { EXIT, type ExitStatus } from '../../base/errors.js'
import { parseCount } from '../../contract/values.js'
import { type Command, commonOptions, databaseOption, toDatabaseOptions, usageError } from '../command.js'
import { count, printableLines } from '../printable.js'
import { writeOut } from '../write-out.js'

export const rejectsCommand: Command = {
  name: 'rejects',
  describe:
    'Print the rejected records of a run as CSV: line, byte, reason, record (and first the source, if the run had several)',
  synonyms: ['errors', 'bad'],
  positionals: { run: { describe: 'The number of the run', completes: 'run' } },
  options: {
    source: {
      type: 'string',
      value: 'NAME',
      describe: 'Only the rejects of one source, if the run had several',
    },
    raw: { type: 'boolean', describe: 'Print the header and the records alone, to correct and load them' },
    ...databaseOption,
    ...commonOptions,
  },
  examples: [
    ['dasy rejects 12', 'each bad record and its reason'],
    ['dasy rejects 12 --raw > corrected.csv', 'then edit the file, and: dasy ingest corrected.csv'],
  ],
  async run(argv): Promise<ExitStatus> {
    const { raw, source, json, quiet } = argv
    if (raw && json) throw usageError('--raw and --json cannot be combined', 'Choose one of them.')
    const run = parseCount('RUN', argv.run)
    const { writeRejects } = await import('../../api/rejects.js')
    const form = raw ? 'raw' : json ? 'json' : 'csv'
    const options = { ...toDatabaseOptions(argv), form, source } as const
    const { leftOut } = await writeRejects(run, options, process.stdout.isTTY ? writeToTerminal : writeOut)
    if (leftOut > 0 && raw && !quiet) {
      process.stderr.write(
        `dasy: left out ${count(leftOut)} ${leftOut === 1 ? 'record' : 'records'} longer than --max-record: only the first bytes were kept\n`,
      )
    }
    return EXIT.done
  },
}

function writeToTerminal(bytes: Uint8Array): Promise<void> {
  return writeOut(Buffer.from(printableLines(Buffer.from(bytes).toString())))
}
