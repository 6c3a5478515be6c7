import yargs from 'yargs'
import { EXIT, type ExitStatus } from '../errors.js'
import { ownVersion } from '../package.js'
import { type Command, toYargs, unknownCommand, usageError, withoutDashes } from './command.js'
import { aggregateCommand } from './commands/aggregate.js'
import { analyzeCommand } from './commands/analyze.js'
import { dbCommand } from './commands/db.js'
import { ingestCommand } from './commands/ingest.js'
import { inspectCommand } from './commands/inspect.js'
import { migrateCommand } from './commands/migrate.js'
import { rejectsCommand } from './commands/rejects.js'
import { resumeCommand } from './commands/resume.js'
import { runsCommand } from './commands/runs.js'
import { updateCommand } from './commands/update.js'
import { report } from './failure.js'

const commands: readonly Command[] = [
  ingestCommand,
  updateCommand,
  inspectCommand,
  aggregateCommand,
  analyzeCommand,
  runsCommand,
  rejectsCommand,
  resumeCommand,
  migrateCommand,
  dbCommand,
]

/** The word that prints a script for the shell; yargs answers it by itself. */
const COMPLETION = 'completion'

/** The command line: `dasy COMMAND …`. @returns the exit status */
export async function main(args: readonly string[]): Promise<ExitStatus> {
  hidePassword(args)
  process.stdout.on('error', outputFailed)
  process.stderr.on('error', () => {})
  // Warnings of Node and of libraries are for their developers; ours go through `note`.
  process.removeAllListeners('warning')
  let status: ExitStatus = EXIT.done
  const completing = args.includes('--get-yargs-completions')
  const parser = yargs(withoutDashes(args))
    .scriptName('dasy')
    .usage('dasy COMMAND\n\nGets a product file into PostgreSQL, fast, and keeps it right.')
    .command('$0', false, {}, ({ _: [name], $0, help, h, version, v, ...flags }) => {
      if (name === COMPLETION) return
      if (name !== undefined) throw unknownCommand(String(name).replace('\0', ''), commands)
      const [flag] = Object.keys(flags)
      throw usageError(`no command is given${flag ? `, only --${flag}` : ''}`, 'See dasy --help.')
    })
    .detectLocale(false) // all else that we say is English
    .version(ownVersion())
    .alias({ h: 'help', v: 'version' })
    .epilogue('Each command has its own help: dasy ingest --help')
    .parserConfiguration({ 'parse-positional-numbers': false, 'greedy-arrays': false })
    .wrap(Math.min(process.stdout.columns || 100, 110))
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new Error(message)
    })
  for (const command of commands) {
    parser.command(toYargs(command, commands, completing, (ended) => (status = ended)))
  }
  parser.completion(COMPLETION, 'Print a script for shell completion')
  try {
    refuseBadBooleans(args)
    await parser.parseAsync()
    return status
  } catch (error) {
    return report(isUsage(error) ? usageError(error.message, 'See --help.') : error, wantsJson(args))
  }
}

/** The arguments of a process are there for everybody to see, and a URL may hold a password. */
function hidePassword(args: readonly string[]): void {
  if (args.some((arg) => arg.includes('://'))) process.title = 'dasy'
}

/** What yargs itself refuses: a flag without its value. */
function isUsage(error: unknown): error is Error {
  return error instanceof Error && error.name === 'YError'
}

/** yargs takes any word for a boolean. @throws DasyError USAGE */
function refuseBadBooleans(args: readonly string[]): void {
  const booleans = commands.flatMap(({ options }) =>
    Object.keys(options).filter((name) => options[name]?.type === 'boolean'),
  )
  for (const arg of args) {
    const [, name = '', value = ''] = /^--(?:no-)?([^=]+)=(.*)$/.exec(arg) ?? []
    if (booleans.includes(name) && value !== 'true' && value !== 'false') {
      throw usageError(`${arg}: --${name} takes no value`, `Say --${name} or --no-${name}.`)
    }
  }
}

/** Known even where the rest of the command line makes no sense. */
function wantsJson(args: readonly string[]): boolean {
  const last = args.findLast((arg) => /^--(no-)?json(=|$)/.test(arg))
  return last === '--json' || last === '--json=true'
}

/** Whoever reads our output may stop reading (| head): that is no failure. A full disk is one. */
function outputFailed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return
  process.stderr.write(`dasy: the output cannot be written: ${error.message}\n`)
  process.exitCode = EXIT.failed
}
