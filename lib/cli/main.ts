import { readFileSync } from 'node:fs'
import yargs from 'yargs'
import { EXIT, type ExitStatus } from '../errors.js'
import { type Command, toYargs, unknownCommand, usageError } from './command.js'
import { aggregateCommand } from './commands/aggregate.js'
import { dbCommand } from './commands/db.js'
import { ingestCommand } from './commands/ingest.js'
import { migrateCommand } from './commands/migrate.js'
import { runsCommand } from './commands/runs.js'
import { updateCommand } from './commands/update.js'
import { report } from './failure.js'

const commands: readonly Command[] = [
  ingestCommand,
  updateCommand,
  aggregateCommand,
  runsCommand,
  migrateCommand,
  dbCommand,
]

/** The command line: `dasy COMMAND …`. @returns the exit status */
export async function main(args: readonly string[]): Promise<ExitStatus> {
  // Whoever reads our output may stop reading (| head): that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  let status: ExitStatus = EXIT.done
  const parser = yargs([...args])
    .scriptName('dasy')
    .usage('$0 COMMAND\n\nGets a product file into PostgreSQL, fast, and keeps it right.')
    .command('$0', false, {}, ({ _: [name] }) => {
      if (name !== undefined) throw unknownCommand(String(name), commands)
      throw usageError('no command is given', 'See dasy --help.')
    })
    .completion('completion', 'Print a script for shell completion')
    .version(version())
    .alias({ h: 'help', v: 'version' })
    .epilogue('Each command has its own help: dasy ingest --help')
    .parserConfiguration({ 'strip-dashed': true, 'parse-positional-numbers': false })
    .wrap(Math.min(process.stdout.columns || 100, 110))
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? usageError(message, 'See dasy --help.')
    })
  for (const command of commands) parser.command(toYargs(command, (ended) => (status = ended)))
  try {
    await parser.parseAsync()
    return status
  } catch (error) {
    return report(error, args.includes('--json'))
  }
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url)
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version
}
