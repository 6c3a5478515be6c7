import { EXIT, type ExitStatus } from '../base/errors.js'
import { setColors } from './colors.js'
import { type Command, usageError } from './command.js'
import { commands } from './commands.js'
import { report } from './failure.js'
import { findCommand, missingSubcommand, unknownCommand } from './find-command.js'

/**
 * Runs a command line: `dasy COMMAND …`.
 * @returns the exit status
 */
export async function main(args: readonly string[]): Promise<ExitStatus> {
  hidePassword(args)
  process.stdout.on('error', outputFailed)
  process.stderr.on('error', () => {})
  // Node.js prints warnings that are meant for developers; notes for users do not go this way.
  process.removeAllListeners('warning')
  setColors(switched(args, 'color'))
  try {
    return await run(args)
  } catch (error) {
    return report(error, switched(args, 'json') ?? false)
  }
}

/** The hidden command with which the scripts of `dasy completion` ask for candidates. */
const COMPLETE = '__complete'

async function run(args: readonly string[]): Promise<ExitStatus> {
  if (args[0] === COMPLETE) {
    const { complete } = await import('./completion/complete.js')
    return await complete(args.slice(1), commands)
  }
  // A single flag is no command. Loading the parser would take longer than all the rest of --version.
  if (args.length === 0 || (args.length === 1 && /^-./.test(args[0] as string)))
    return await withoutCommand(args, undefined)
  const { parse, wordsOf } = await import('./parse.js')
  const words = wordsOf(args, commands)
  const found = findCommand(words, commands)
  if (!found) return await withoutCommand(args, words[0])
  const { command, depth } = found
  if (!command.run && !argsAskForHelp(args)) throw missingSubcommand(command, words[depth])
  const argv = command.run ? parse(args, command, depth, commands) : { help: true }
  if (!command.run || argv.help) return await showHelp(command)
  if (command.isLogged || argv.verbose || argv.logFormat || argv.logLevel) {
    const { startLog } = await import('./logging.js')
    await startLog(argv, command)
  }
  // What the user's own SDK of OpenTelemetry leaves for others.
  if (!(Symbol.for('opentelemetry.js.api.1') in globalThis)) return await command.run(argv, commands)
  const { traceRuns } = await import('../observe/traces.js')
  const flush = traceRuns()
  try {
    return await command.run(argv, commands)
  } finally {
    await flush()
  }
}

/** `dasy`, `dasy --help`, `dasy --version`, or an unknown command. */
async function withoutCommand(args: readonly string[], word: string | undefined): Promise<ExitStatus> {
  if (word !== undefined) throw unknownCommand(word, commands)
  if (args.some((arg) => ['--version', '-V', '-v'].includes(arg))) return await command('version')
  const showsHelp = argsAskForHelp(args) || (args.length === 0 && process.stdout.isTTY)
  if (showsHelp) return await showHelp()
  throw usageError(`no command given${args[0] ? `, only ${args[0]}` : ''}`, 'See dasy --help.')
}

function argsAskForHelp(args: readonly string[]): boolean {
  return args.includes('--help') || args.includes('-h')
}

function showHelp(of?: Command): Promise<ExitStatus> {
  return command('help', { command: of?.name.split(' ') })
}

async function command(name: string, argv: object = {}): Promise<ExitStatus> {
  const found = commands.find((each) => each.name === name)
  return (await found?.run?.(argv, commands)) ?? EXIT.failed
}

/** Every user of the machine can see the arguments of a process, and a URL may contain a password. */
function hidePassword(args: readonly string[]): void {
  if (args.some((arg) => arg.includes('://'))) process.title = 'dasy'
}

/** The last value of a boolean flag. Works also if the rest of the command line is invalid. */
function switched(args: readonly string[], name: string): boolean | undefined {
  const last = args.findLast((arg) => new RegExp(`^--(no-)?${name}(=|$)`).test(arg))
  return last === undefined ? undefined : last === `--${name}` || last === `--${name}=true`
}

/** A reader that stops early (`| head`) is no failure, but a full disk is. */
function outputFailed(error: NodeJS.ErrnoException): void {
  // Each write that follows fails too.
  if (error.code === 'EPIPE' || process.exitCode === EXIT.failed) return
  process.stderr.write(`dasy: cannot write the output: ${error.message}\n`)
  process.exitCode = EXIT.failed
}
