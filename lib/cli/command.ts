import type { Argv, CommandModule, Options, PositionalOptions } from 'yargs'
import { DasyError, EXIT, type ExitStatus } from '../errors.js'
import { nearest } from '../nearest.js'
import type { DatabaseOptions } from '../options.js'
import { printable } from './printable.js'

/** A command as its file describes it. */
export interface Command {
  readonly name: string
  readonly describe: string
  /** In their order; one without `optional` must be there. */
  readonly positionals: Readonly<Record<string, Positional>>
  readonly options: Readonly<Record<string, Options>>
  /** Command lines that work, each with what it does. */
  readonly examples: readonly (readonly [string, string])[]
  run(argv: Arguments): Promise<ExitStatus>
}

export interface Positional {
  readonly describe: string
  readonly optional?: boolean
  /** Whether there may be more than one; then it stands last. */
  readonly several?: boolean
  /** The words it takes, if only some. */
  readonly choices?: readonly string[]
}

/** Flags in camel case, as yargs hands them over. */
// biome-ignore lint/suspicious/noExplicitAny: each command knows its own flags' types
export type Arguments = Record<string, any>

/** Flags that every command has. */
export const commonOptions = {
  json: { type: 'boolean', describe: 'Print one JSON object on standard output' },
  quiet: { type: 'boolean', alias: 'q', describe: 'Print nothing but errors' },
} as const satisfies Record<string, Options>

export const databaseOption = {
  'database-url': {
    type: 'string',
    describe: 'postgresql://… (else DATABASE_URL, the PG* variables, or the embedded server)',
  },
} as const satisfies Record<string, Options>

/** Where the database is, and how to tell the user something on the way there. */
export function toDatabaseOptions({ databaseUrl, quiet }: Arguments): DatabaseOptions {
  const note = (line: string): void => {
    process.stderr.write(`dasy: ${printable(line)}\n`)
  }
  return { databaseUrl, note: quiet ? undefined : note }
}

/**
 * Makes it a command of yargs. What it takes is checked here and not by yargs, whose messages name neither the flag nor
 * the remedy.
 * @param completing whether the shell only wants to know what may follow
 */
export function toYargs(
  command: Command,
  all: readonly Command[],
  completing: boolean,
  ended: (status: ExitStatus) => void,
): CommandModule {
  const { name, describe, positionals, options, examples } = command
  const places = Object.keys(positionals)
  const shown = places.map((place) => nameOf(place, positionals[place] as Positional))
  return {
    command: [name, ...places.map((place) => `[${place}${positionals[place]?.several ? '..' : ''}]`)].join(
      ' ',
    ),
    describe,
    builder: (parser: Argv) => {
      parser.usage(`dasy ${[name, ...shown].join(' ')}\n\n${describe}.`)
      for (const place of places) {
        const { describe: what, choices, several } = positionals[place] as Positional
        const forYargs: PositionalOptions = {
          type: 'string',
          describe: what,
          ...(several && { array: true }),
        }
        parser.positional(place, completing && choices ? { ...forYargs, choices } : forYargs)
      }
      parser.options(options)
      for (const [line, what] of examples) parser.example(line, what)
      return parser.version(false)
    },
    handler: async (parsed) => {
      const argv = withDashes(parsed)
      checkFlags(command, argv, all)
      checkPositionals(command, argv)
      ended(await command.run(argv))
    },
  }
}

/** A lone dash, of which yargs makes nothing. No argument can hold a NUL. */
const DASH = '\0-'

export function withoutDashes(args: readonly string[]): string[] {
  return args.map((arg) => (arg === '-' ? DASH : arg))
}

function withDashes(argv: Arguments): Arguments {
  const restore = (value: unknown): unknown =>
    Array.isArray(value) ? value.map(restore) : value === DASH ? '-' : value
  return Object.fromEntries(Object.entries(argv).map(([name, value]) => [name, restore(value)]))
}

function nameOf(place: string, { optional, several }: Positional): string {
  const name = `${place.toUpperCase()}${several ? '…' : ''}`
  return optional ? `[${name}]` : name
}

const BUILT_IN = ['_', '$0', 'help', 'h', 'version', 'v']

/** @throws DasyError USAGE for a flag that is unknown, given twice, or of the wrong kind */
function checkFlags({ name, options, positionals }: Command, argv: Arguments, all: readonly Command[]): void {
  const flags = Object.entries(options)
  const aliases = flags.flatMap(([, { alias }]) => [alias ?? []].flat())
  const known = new Set(
    [...BUILT_IN, ...aliases, ...Object.keys(options), ...Object.keys(positionals)].map(camelCase),
  )
  const unknown = Object.keys(argv).find((key) => !known.has(camelCase(key)))
  if (unknown !== undefined) throw unknownFlag(unknown, name, all)

  for (const [flag, { type, array }] of flags) {
    const value = argv[flag]
    if (!array && Array.isArray(value)) throw usageError(`--${flag} is given more than once`, 'Give it once.')
    if (type === 'string' && typeof value === 'boolean') throw unknownFlag(`no-${flag}`, name, all)
    if ([value].flat().includes('')) throw usageError(`--${flag} needs a value`, `See dasy ${name} --help.`)
  }
}

/** @throws DasyError USAGE for an argument that is missing, unknown, or too many */
function checkPositionals({ name, positionals }: Command, argv: Arguments): void {
  const help = `See dasy ${name} --help.`
  for (const [place, { optional, choices, several }] of Object.entries(positionals)) {
    const value = argv[place]
    if ([value].flat().length === 0 || (value === undefined && !optional))
      throw usageError(
        `"dasy ${name}" needs ${place.toUpperCase()}${several ? ', such as a file' : ''}`,
        help,
      )
    if (value === undefined || !choices || choices.includes(value)) continue
    const near = nearest(value, choices)
    throw usageError(
      `"dasy ${name}" does not know "${value}"`,
      near ? `Did you mean "dasy ${name} ${near}"?` : `It takes ${choices.join(', ')}.`,
    )
  }
  const [, extra] = argv._
  if (extra !== undefined) throw usageError(`"${extra}" is one argument too many`, help)
}

function unknownFlag(name: string, command: string, all: readonly Command[]): DasyError {
  const flag = kebabCase(name)
  const dashed = flag.length === 1 ? `-${flag}` : `--${flag}`
  const own = Object.keys(all.find((each) => each.name === command)?.options ?? {})
  const other = all.find((each) => each.name !== command && Object.hasOwn(each.options, flag))
  if (other && !own.includes(flag)) {
    return usageError(`"dasy ${command}" has no flag ${dashed}`, `It is one of "dasy ${other.name}".`)
  }
  const near = flag.length === 1 ? undefined : nearest(flag, own)
  return usageError(
    `"dasy ${command}" has no flag ${dashed}`,
    near ? `Did you mean --${near}?` : `See dasy ${command} --help.`,
  )
}

export function unknownCommand(name: string, all: readonly Command[]): DasyError {
  const near = nearest(
    name,
    all.map((command) => command.name),
  )
  return usageError(
    `there is no command "${name}"`,
    near ? `Did you mean "dasy ${near}"?` : 'See dasy --help.',
  )
}

export function usageError(message: string, hint: string): DasyError {
  return new DasyError('USAGE', message, { hint, exitStatus: EXIT.usage })
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter, at: number) => `${at > 0 ? '-' : ''}${letter.toLowerCase()}`)
}
