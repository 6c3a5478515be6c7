import { DasyError, EXIT, type ExitStatus } from '../base/errors.js'
import type { DasyEvent } from '../contract/events.js'
import type { DatabaseOptions } from '../contract/options.js'
import { printable } from './printable.js'

/** A command as its file describes it. Parser, help, man page and shell completion all read this. */
export interface Command {
  /** With the words in front of it: `ingest`, `db start`. */
  readonly name: string
  readonly describe: string
  /** What the same is called elsewhere, for whoever tries that. */
  readonly synonyms?: readonly string[]
  /** In their order; one without `optional` must be there. */
  readonly positionals?: Readonly<Record<string, Positional>>
  readonly options?: Readonly<Record<string, Flag>>
  /** Command lines that work, each with what it does. */
  readonly examples: readonly (readonly [string, string])[]
  readonly subcommands?: readonly Command[]
  /** A command without it needs one of its subcommands. */
  run?(argv: Arguments, all: readonly Command[]): Promise<ExitStatus>
}

export interface Positional {
  readonly describe: string
  readonly optional?: boolean
  /** Whether there may be more than one; then it stands last. */
  readonly several?: boolean
  /** The words it takes, if only some. */
  readonly choices?: readonly string[]
  readonly completes?: Completes
}

export interface Flag {
  readonly type: 'string' | 'boolean'
  readonly describe: string
  /** One letter. */
  readonly alias?: string
  /** What help calls its value: N, FILE. */
  readonly value?: string
  /** The values it takes, if only some. */
  readonly choices?: readonly string[]
  /** What holds without it, where that is worth saying. Nothing is set by this: see lib/contract/options.ts. */
  readonly default?: string
  /** Whether it may be given more than once. */
  readonly array?: boolean
  readonly group?: Group
  readonly completes?: Completes
}

/** Headings of a help page, in their order; flags without a group are the command's own and come first. */
export const GROUPS = ['Source', 'Dialect', 'Table', 'Rules', 'Speed', 'Database', 'Output'] as const
export type Group = (typeof GROUPS)[number]

/** What a shell can offer for a value. */
export type Completes = 'file' | 'dataset' | 'table' | 'column' | 'encoding' | 'run' | 'command'

/** Flags in camel case and positionals by their names. */
// biome-ignore lint/suspicious/noExplicitAny: each command knows its own flags' types
export type Arguments = Record<string, any>

/** Flags that every command has. */
export const helpFlag = {
  help: { type: 'boolean', alias: 'h', group: 'Output', describe: 'Show this help' },
  color: { type: 'boolean', group: 'Output', describe: 'Use colors (default: on a terminal)' },
} as const satisfies Record<string, Flag>

export const commonOptions = {
  json: { type: 'boolean', group: 'Output', describe: 'Print JSON on standard output' },
  quiet: { type: 'boolean', alias: 'q', group: 'Output', describe: 'Print nothing but errors' },
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
    describe: 'Print each SQL statement with its duration, without the values of its parameters',
  },
} as const satisfies Record<string, Flag>

/** What asks first, unless it is told not to. */
export const yesFlag = {
  yes: { type: 'boolean', alias: 'y', describe: 'Do not ask' },
} as const satisfies Record<string, Flag>

/** Where the database is, and how to tell the user something on the way there. */
export function toDatabaseOptions({ databaseUrl, quiet }: Arguments): DatabaseOptions {
  return { databaseUrl, onEvent: quiet ? undefined : printNote }
}

/** All flags of a command. */
export function flagsOf(command: Command): Readonly<Record<string, Flag>> {
  return { ...command.options, ...helpFlag }
}

/** A command and all that is below it. */
export function withSubcommands(commands: readonly Command[]): Command[] {
  return commands.flatMap((command) => [command, ...withSubcommands(command.subcommands ?? [])])
}

/** How a flag is called among the arguments. */
export function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

export function usageError(message: string, hint: string): DasyError {
  return new DasyError('USAGE', message, { hint, exitStatus: EXIT.usage })
}

/** Prints what the user should read, and no progress. */
function printNote(event: DasyEvent): void {
  if (event.type === 'note') process.stderr.write(`dasy: ${printable(event.text)}\n`)
}
