import { EXIT, type ExitStatus } from '../base/errors.js'
import { setColors } from './colors.js'
import { type Command, usageError } from './command.js'
import { commands } from './commands.js'
import { report } from './failure.js'
import { findCommand, missingSubcommand, unknownCommand } from './find-command.js'

/** The command line: `dasy COMMAND …`. @returns the exit status */
export async function main(args: readonly string[]): Promise<ExitStatus> {
  hidePassword(args)
  process.stdout.on('error', outputFailed)
  process.stderr.on('error', () => {})
  // Warnings of Node and of libraries are for their developers; ours go through `note`.
  process.removeAllListeners('warning')
  setColors(switched(args, 'color'))
  try {
    return await run(args)
  } catch (error) {
    return report(error, switched(args, 'json') ?? false)
  }
}

/** Asked by the scripts of `dasy completion` what may stand at the cursor. */
const COMPLETE = '__complete'

async function run(args: readonly string[]): Promise<ExitStatus> {
  if (args[0] === COMPLETE) {
    const { complete } = await import('./completion/complete.js')
    return await complete(args.slice(1), commands)
  }
  // One flag is no command. To load the parser would take --version longer than all the rest.
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
  if (argv.verbose) {
    const { printStatements } = await import('./statements.js')
    printStatements()
  }
  return await command.run(argv, commands)
}

/** `dasy`, `dasy --help`, `dasy --version`, or a word that is no command. */
async function withoutCommand(args: readonly string[], word: string | undefined): Promise<ExitStatus> {
  if (word !== undefined) throw unknownCommand(word, commands)
  if (args.some((arg) => ['--version', '-V', '-v'].includes(arg))) return await command('version')
  const isAsked = argsAskForHelp(args) || (args.length === 0 && process.stdout.isTTY)
  if (isAsked) return await showHelp()
  throw usageError(`no command is given${args[0] ? `, only ${args[0]}` : ''}`, 'See dasy --help.')
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

/** The arguments of a process are there for everybody to see, and a URL may hold a password. */
function hidePassword(args: readonly string[]): void {
  if (args.some((arg) => arg.includes('://'))) process.title = 'dasy'
}

/** A boolean flag as it is given last. Known even where the rest of the command line makes no sense. */
function switched(args: readonly string[], name: string): boolean | undefined {
  const last = args.findLast((arg) => new RegExp(`^--(no-)?${name}(=|$)`).test(arg))
  return last === undefined ? undefined : last === `--${name}` || last === `--${name}=true`
}

/** Whoever reads our output may stop reading (| head): that is no failure. A full disk is one. */
function outputFailed(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') return
  process.stderr.write(`dasy: the output cannot be written: ${error.message}\n`)
  process.exitCode = EXIT.failed
}
