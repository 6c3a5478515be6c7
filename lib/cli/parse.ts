import { Parser } from 'yargs/helpers'
import { nearest } from '../base/did-you-mean.js'
import type { DasyError } from '../base/errors.js'
import {
  type Arguments,
  type Command,
  camelCase,
  type Flag,
  flagsOf,
  usageError,
  withSubcommands,
} from './command.js'

type Flags = Readonly<Record<string, Flag>>

/** A command line as the parser of yargs reads it. */
interface Parsed {
  readonly words: readonly string[]
  /** The words after "--". */
  readonly literal: readonly string[]
  /** Values by the names of the flags: an array if a flag is given more than once, false for --no-table. */
  readonly given: Readonly<Record<string, unknown>>
}

/**
 * The arguments of a command.
 * @param depth the number of words that name the command
 * @throws DasyError USAGE, which names the flag or the argument, and the remedy
 */
export function parse(
  args: readonly string[],
  command: Command,
  depth: number,
  all: readonly Command[],
): Arguments {
  const flags = flagsOf(command)
  const { words, literal, given } = read(args, flags, (message) => {
    throw refusal(message, args, command, all)
  })
  // yargs reads these as words: "-5", "---x".
  const misplaced = words.find((word) => /^-./.test(word))
  if (misplaced) throw unknownFlag(misplaced, command, all)
  const argv: Arguments = {}
  for (const [name, flag] of Object.entries(flags)) {
    const value = given[name]
    if (value === undefined) continue
    if (value === false && flag.type === 'string') throw unknownFlag(`--no-${name}`, command, all)
    argv[camelCase(name)] = flag.type === 'string' ? textOf(name, flag, [value].flat(), command) : value
  }
  if (!argv.help) takeWords(argv, [...words, ...literal].slice(depth), command)
  return argv
}

/** The words of a command line whose command is not known yet; flags may precede the command. */
export function wordsOf(args: readonly string[], commands: readonly Command[]): readonly string[] {
  return readLeniently(args, Object.assign({}, ...withSubcommands(commands).map(flagsOf))).words
}

/** Reads a command line that is unfinished or invalid, as far as possible. */
export function readLeniently(args: readonly string[], flags: Flags): Parsed {
  return read(args, flags, () => {})
}

/** @param refuse called with each message of yargs; if it returns, the message is ignored */
function read(args: readonly string[], flags: Flags, refuse: (message: string) => void): Parsed {
  const end = args.includes('--') ? args.indexOf('--') : args.length
  const foreign = args.slice(0, end).findIndex((arg) => foreignName(arg).length > 0)
  if (foreign >= 0) {
    const waiting = waitingFlag(args[foreign - 1], flags)
    refuse(
      waiting === undefined
        ? `Unknown argument: ${foreignName(args[foreign] as string)[0]}`
        : `Not enough arguments following: ${waiting}`,
    )
  }
  const spelled = args
    .slice(0, end)
    .filter((arg) => foreignName(arg).length === 0)
    .flatMap((arg) => apart(withoutBoolean(arg, flags), flags))
  const { argv, error } = Parser.detailed([...spelled, ...args.slice(end)], formOf(flags))
  if (error) refuse(error.message)
  const { _: words, '--': literal = [], ...given } = argv
  const unknown = Object.keys(given).find((name) => !isNameOf(name, flags))
  if (unknown !== undefined) refuse(`Unknown argument: ${unknown}`)
  return { words: words.map(String), literal: literal.map(String), given }
}

/** How yargs reads these flags. */
function formOf(flags: Flags): Parser.Options {
  const entries = Object.entries(flags)
  const ofType = (type: Flag['type']) =>
    entries.filter(([, flag]) => flag.type === type).map(([name]) => name)
  return {
    string: ofType('string'),
    boolean: ofType('boolean'),
    narg: Object.fromEntries(entries.map(([name, { type }]) => [name, type === 'string' ? 1 : 0])),
    alias: Object.fromEntries(entries.flatMap(([name, { alias }]) => (alias ? [[name, [alias]]] : []))),
    configuration: {
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'populate--': true,
    },
  }
}

function isNameOf(name: string, flags: Flags): boolean {
  return Object.hasOwn(flags, name) || Object.values(flags).some(({ alias }) => alias === name)
}

/** The name of an argument that is no flag, but has a meaning for yargs or JavaScript: --_, --$0, --t, --constructor. */
function foreignName(arg: string): string[] {
  const [, name] = /^--(?:no-)?([^=]+)/.exec(arg) ?? []
  if (name === undefined) return []
  return name.length === 1 || name === '$0' || name in Object.prototype ? [name] : []
}

/** The flag that an argument names, if the next argument is its value. */
function waitingFlag(arg: string | undefined, flags: Flags): string | undefined {
  const found = Object.entries(flags).find(([name, { alias }]) => arg === `--${name}` || arg === `-${alias}`)
  return found?.[1].type === 'string' ? found[0] : undefined
}

/** Replaces "--json=false" by --no-json, which yargs knows. yargs refuses any other value. */
function withoutBoolean(arg: string, flags: Flags): string {
  const [, no = '', name = '', value] = /^--(no-)?([^=]+)=(true|false)$/.exec(arg) ?? []
  if (flags[name]?.type !== 'boolean') return arg
  return (value === 'true') === (no === '') ? `--${name}` : `--no-${name}`
}

/** Replaces "-qtTABLE" by -q --table=TABLE; yargs would read each letter as a flag. */
function apart(arg: string, flags: Flags): string[] {
  const [, letters = ''] = /^-([^-].+)$/s.exec(arg) ?? []
  const named = [...letters].map((letter) => Object.entries(flags).find(([, { alias }]) => alias === letter))
  const at = named.findIndex((found) => found?.[1].type !== 'boolean')
  const [name, flag] = named[at] ?? []
  if (flag?.type !== 'string' || at === letters.length - 1) return [arg]
  const value = `--${name}=${letters.slice(at + 1).replace(/^=/, '')}`
  return at > 0 ? [`-${letters.slice(0, at)}`, value] : [value]
}

/** An error for a message of yargs. */
function refusal(
  message: string,
  args: readonly string[],
  command: Command,
  all: readonly Command[],
): DasyError {
  const [, what, first = ''] = /^(.+?): (.+?)(?:, .*)?$/.exec(message) ?? []
  const forms = [`--${first}`, `--no-${first}`, `-${first}`]
  const at = args.findIndex((arg) => forms.includes(withoutValue(arg)))
  const given = args[at] ?? `-${first}`
  const [name] = Object.entries(flagsOf(command)).find(([, { alias }]) => alias === first) ?? [first]
  if (what === 'Not enough arguments following') return needsValue(name, command, args[at + 1])
  if (what === 'Argument unexpected for')
    return usageError(`${given}: --${name} takes no value`, `Use --${name} or --no-${name}.`)
  return unknownFlag(withoutValue(given), command, all)
}

function withoutValue(arg: string): string {
  return arg.replace(/=.*$/s, '')
}

function textOf(
  name: string,
  { array }: Flag,
  values: readonly unknown[],
  command: Command,
): string | readonly string[] {
  if (values.includes('')) throw needsValue(name, command)
  if (array) return values as string[]
  if (values.length > 1) throw usageError(`--${name} is given more than once`, 'Give it once.')
  return values[0] as string
}

/** @param next the argument after the flag */
function needsValue(name: string, command: Command, next?: string): DasyError {
  return usageError(
    `--${name} needs a value`,
    next?.startsWith('-')
      ? `If the value is "${next}", write --${name}=${next}`
      : `See dasy ${command.name} --help.`,
  )
}

function takeWords(argv: Arguments, words: readonly string[], { name, positionals = {} }: Command): void {
  const help = `See dasy ${name} --help.`
  const rest = [...words]
  for (const [place, { optional, choices, several, completes }] of Object.entries(positionals)) {
    const value = several ? rest.splice(0) : rest.shift()
    if (!optional && (value === undefined || value.length === 0))
      throw usageError(
        `"dasy ${name}" needs ${place.toUpperCase()}${completes === 'file' ? ', such as a file' : ''}`,
        help,
      )
    argv[place] = value
    if (value === undefined || !choices || choices.includes(value as string)) continue
    const near = nearest(value as string, choices)
    throw usageError(
      `unknown ${place} "${value}"`,
      near ? `Did you mean "dasy ${name} ${near}"?` : `It must be one of ${choices.join(', ')}.`,
    )
  }
  if (rest.length > 0) throw usageError(`unexpected argument "${rest[0]}"`, help)
}

/** @param raw the flag as it was typed: --name, -n */
function unknownFlag(raw: string, command: Command, all: readonly Command[]): DasyError {
  return usageError(`unknown flag ${raw} of "dasy ${command.name}"`, remedy(raw, command, all))
}

function remedy(raw: string, command: Command, all: readonly Command[]): string {
  const help = `See dasy ${command.name} --help.`
  if (!raw.startsWith('--')) return help
  const own = flagsOf(command)
  const name = raw.slice(2)
  const positive = name.replace(/^no-/, '')
  if (Object.hasOwn(own, positive))
    return `--${positive} takes a value, so it has no --no- form: leave it out.`
  const other = withSubcommands(all).find(({ options = {} }) => Object.hasOwn(options, positive))
  if (other) return `It is a flag of "dasy ${other.name}".`
  const near = nearest(name, Object.keys(own))
  return near ? `Did you mean --${near}?` : help
}
