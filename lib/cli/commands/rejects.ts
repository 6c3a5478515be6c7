import { EXIT, type ExitStatus } from '../../base/errors.js'
import { parseCount } from '../../contract/values.js'
import { type Command, commonOptions, databaseOption, toDatabaseOptions, usageError } from '../command.js'
import { count, printableLines } from '../printable.js'

export const rejectsCommand: Command = {
  name: 'rejects',
  describe:
    'The rejected records of a run as CSV: line, byte, reason, record (and first the source, if there were several)',
  synonyms: ['errors', 'bad'],
  positionals: { run: { describe: 'A run, by its number', completes: 'run' } },
  options: {
    source: {
      type: 'string',
      value: 'NAME',
      describe: 'Only those of one source, if the run had several',
    },
    raw: { type: 'boolean', describe: 'The header and the records alone, to be mended and loaded again' },
    ...databaseOption,
    ...commonOptions,
  },
  examples: [
    ['dasy rejects 12', 'each bad record and what is wrong with it'],
    ['dasy rejects 12 --raw > mended.csv', 'then mend it, and: dasy ingest mended.csv'],
  ],
  async run(argv): Promise<ExitStatus> {
    const { raw, source, json, quiet } = argv
    if (raw && json) throw usageError('--raw and --json exclude each other', 'Choose one of them.')
    const run = parseCount('RUN', argv.run)
    const { writeRejects } = await import('../../api/rejects.js')
    const form = raw ? 'raw' : json ? 'json' : 'csv'
    const options = { ...toDatabaseOptions(argv), form, source } as const
    const { leftOut } = await writeRejects(run, options, process.stdout.isTTY ? writeToTerminal : writeOut)
    if (leftOut > 0 && raw && !quiet) {
      process.stderr.write(
        `dasy: ${count(leftOut)} longer than --max-record left out: the ledger has only their beginning\n`,
      )
    }
    return EXIT.done
  },
}

function writeOut(bytes: Uint8Array): Promise<void> {
  // Called back in case of a failure too, which main() has reported by then.
  return new Promise((resolve) => process.stdout.write(bytes, () => resolve()))
}

function writeToTerminal(bytes: Uint8Array): Promise<void> {
  return writeOut(Buffer.from(printableLines(Buffer.from(bytes).toString())))
}
