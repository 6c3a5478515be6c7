import { DasyError, EXIT, type ExitStatus } from '../base/errors.js'
import type { DasyEvent, Note } from '../contract/events.js'
import type { DatabaseOptions } from '../contract/options.js'
import { printable } from './printable.js'

/** The description of a command, from which parser, help, man page and shell completion are made. */
export interface Command {
  /** All its words: `ingest`, `db start`. */
  readonly name: string
  readonly describe: string
  /** Names that other programs have for it: whoever tries one gets a suggestion. */
  readonly synonyms?: readonly string[]
  /** Its arguments in their order, by name. */
  readonly positionals?: Readonly<Record<string, Positional>>
  readonly options?: Readonly<Record<string, Flag>>
  /** Command lines, each with what it does. */
  readonly examples: readonly (readonly [string, string])[]
  readonly subcommands?: readonly Command[]
  /** Whether it goes on for long, and logs what it does without being asked to. */
  readonly isLogged?: boolean
  /** A command without `run` needs one of its subcommands. */
  run?(argv: Arguments, all: readonly Command[]): Promise<ExitStatus>
}

/** An argument of a command. */
export interface Positional {
  readonly describe: string
  readonly optional?: boolean
  /** Whether it takes all remaining words; it is the last argument then. */
  readonly several?: boolean
  /** The valid values; undefined if any is. */
  readonly choices?: readonly string[]
  readonly completes?: Completes
}

/** A flag of a command. */
export interface Flag {
  readonly type: 'string' | 'boolean'
  readonly describe: string
  /** One letter. */
  readonly alias?: string
  /** The name of its value in the help: N, FILE. */
  readonly value?: string
  /** The valid values; undefined if any is. */
  readonly choices?: readonly string[]
  /** The default as the help shows it. It sets nothing: the defaults are in lib/contract/options.ts. */
  readonly default?: string
  /** Whether it may be given more than once. */
  readonly array?: boolean
  readonly group?: Group
  readonly completes?: Completes
}

/** The headings of a help page, in their order. Flags without a group come first. */
export const GROUPS = ['Source', 'Dialect', 'Table', 'Rules', 'Speed', 'Database', 'Output'] as const
export type Group = (typeof GROUPS)[number]

/** The kind of value that shell completion can offer. */
export type Completes = 'file' | 'dataset' | 'table' | 'column' | 'encoding' | 'command' | CompletesRun
/** Runs, and those of them that a command takes. */
export type CompletesRun =
  | 'run'
  | 'stopped run'
  | 'unfinished run'
  | 'planned run'
  | 'completed run'
  | 'run with changes'

/** The values of a command line: flags by their names in camel case, arguments by their names. */
// biome-ignore lint/suspicious/noExplicitAny: each command knows its own flags' types
export type Arguments = Record<string, any>

/** The flags that every command has. */
const helpFlags = {
  help: { type: 'boolean', alias: 'h', group: 'Output', describe: 'Show this help' },
  color: { type: 'boolean', group: 'Output', describe: 'Use colors (default: on a terminal)' },
} as const satisfies Record<string, Flag>

/** The flags of `dasy` without a command. */
export const globalFlags = {
  ...helpFlags,
  version: { type: 'boolean', alias: 'V', group: 'Output', describe: 'Print the version' },
} as const satisfies Record<string, Flag>

export const commonOptions = {
  json: { type: 'boolean', group: 'Output', describe: 'Print JSON on standard output' },
  quiet: { type: 'boolean', alias: 'q', group: 'Output', describe: 'Print nothing but errors' },
} as const satisfies Record<string, Flag>

export const concurrencyOption = {
  concurrency: {
    type: 'string',
    value: 'N',
    group: 'Speed',
    default: '1',
    describe: 'Loads at a time in this process',
  },
} as const satisfies Record<string, Flag>

export const databaseOption = {
  'database-url': {
    type: 'string',
    value: 'URL',
    group: 'Database',
    describe: 'postgresql://… (default: DATABASE_URL, the PG* variables, or the embedded server)',
  },
  verbose: {
    type: 'boolean',
    group: 'Output',
    describe: 'Log, and print each SQL statement with its duration, without the values of its parameters',
  },
  'log-format': {
    type: 'string',
    value: 'FORMAT',
    group: 'Output',
    choices: ['pretty', 'json'],
    describe: 'Log on standard error, to be read by people or by programs',
  },
  'log-level': {
    type: 'string',
    value: 'LEVEL',
    group: 'Output',
    choices: ['error', 'warn', 'info', 'debug', 'silent'],
    describe: 'Log what is at least so important',
  },
} as const satisfies Record<string, Flag>

/** For commands that remove something and ask for confirmation. */
export const yesFlag = {
  yes: { type: 'boolean', alias: 'y', describe: 'Do not ask for confirmation' },
} as const satisfies Record<string, Flag>

/** The database to use. Notes go to standard error, unless --quiet is given. */
export function toDatabaseOptions({ databaseUrl, quiet }: Arguments): DatabaseOptions {
  return { databaseUrl, onEvent: quiet ? undefined : printNote }
}

/** All flags of a command. */
export function flagsOf(command: Command): Readonly<Record<string, Flag>> {
  return { ...command.options, ...helpFlags }
}

/** Commands and all their subcommands. */
export function withSubcommands(commands: readonly Command[]): Command[] {
  return commands.flatMap((command) => [command, ...withSubcommands(command.subcommands ?? [])])
}

/** The name that a flag has in `Arguments`. */
export function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

export function usageError(message: string, hint: string): DasyError {
  return new DasyError('USAGE', message, { hint, exitStatus: EXIT.usage })
}

/** Takes notes for the user. */
let takeNote: Note = (text) => void process.stderr.write(`dasy: ${printable(text)}\n`)

/** For a log that is read by programs: notes become lines of it. */
export function takeNotesBy(log: Note): void {
  takeNote = log
}

/** Prints what the user should read, and no progress. */
function printNote(event: DasyEvent): void {
  if (event.type === 'note') takeNote(event.text)
}
