import type { Argv, CommandModule, Options, PositionalOptions } from 'yargs'
import { DasyError, EXIT, type ExitStatus } from '../errors.js'
import { nearest } from '../nearest.js'

/** A command as its file describes it. */
export interface Command {
  /** As yargs takes it: `ingest <file>`. */
  readonly usage: string
  readonly describe: string
  readonly positionals?: Readonly<Record<string, PositionalOptions>>
  readonly options: Readonly<Record<string, Options>>
  /** Command lines that work, each with what it does. */
  readonly examples: readonly (readonly [string, string])[]
  run(argv: Arguments): Promise<ExitStatus>
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
    requiresArg: true,
    describe: 'postgresql://… (else DATABASE_URL, the PG* variables, or the embedded server)',
  },
} as const satisfies Record<string, Options>

const BUILT_IN = ['_', '$0', 'help', 'h', 'version', 'v']

/** Makes it a command of yargs, one that takes its own flags and no others. */
export function toYargs(command: Command, ended: (status: ExitStatus) => void): CommandModule {
  return {
    command: command.usage,
    describe: command.describe,
    builder: (parser: Argv) => {
      for (const [name, options] of Object.entries(command.positionals ?? {}))
        parser.positional(name, options)
      parser.options(command.options)
      for (const [line, what] of command.examples) parser.example(line, what)
      return parser.version(false)
    },
    handler: async (argv) => {
      check(command, argv)
      ended(await command.run(argv))
    },
  }
}

/** @throws DasyError USAGE for a flag that is unknown or given twice, and for an argument too many */
function check(command: Command, argv: Arguments): void {
  const flags = Object.entries(command.options).flatMap(([name, { alias }]) => [
    name,
    ...[alias ?? []].flat(),
  ])
  const known = [...BUILT_IN, ...[...flags, ...Object.keys(command.positionals ?? {})].map(camelCase)]
  const unknown = Object.keys(argv).find((name) => !known.includes(name))
  if (unknown !== undefined) throw unknownFlag(kebabCase(unknown), flags)
  const [, extra] = argv._
  if (extra !== undefined)
    throw usageError(`"${extra}" is one argument too many`, `See dasy ${argv._[0]} --help.`)
  const twice = Object.keys(argv).find((name) => name !== '_' && Array.isArray(argv[name]))
  if (twice !== undefined) throw usageError(`--${kebabCase(twice)} is given more than once`, 'Give it once.')
}

function unknownFlag(name: string, flags: readonly string[]): DasyError {
  const near = nearest(name, flags)
  const dashed = name.length === 1 ? `-${name}` : `--${name}`
  return usageError(
    `there is no flag ${dashed}`,
    near ? `Did you mean --${near}?` : 'See --help for the flags.',
  )
}

export function unknownCommand(name: string, commands: readonly Command[]): DasyError {
  const near = nearest(name, commands.map(nameOf))
  return usageError(
    `there is no command "${name}"`,
    near ? `Did you mean "dasy ${near}"?` : 'See dasy --help.',
  )
}

/** One of a positional's words, such as `db start`. */
export function oneOf<Word extends string>(command: string, given: string, words: readonly Word[]): Word {
  if (words.includes(given as Word)) return given as Word
  const near = nearest(given, words)
  throw usageError(
    `"dasy ${command}" does not know "${given}"`,
    near ? `Did you mean "dasy ${command} ${near}"?` : `It takes ${words.join(', ')}.`,
  )
}

export function usageError(message: string, hint: string): DasyError {
  return new DasyError('USAGE', message, { hint, exitStatus: EXIT.usage })
}

function nameOf({ usage }: Command): string {
  return usage.split(' ')[0] as string
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

function kebabCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
