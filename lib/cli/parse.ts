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
import { type Token, tokenize } from './tokens.js'

/**
 * The arguments of a command.
 * @param depth how many words name the command
 * @throws DasyError USAGE that names the flag or the argument, and the remedy
 */
export function parse(
  args: readonly string[],
  command: Command,
  depth: number,
  all: readonly Command[],
): Arguments {
  const flags = flagsOf(command)
  const argv: Arguments = {}
  const words: string[] = []
  for (const token of tokenize(args, flags)) {
    if (token.kind === 'word') words.push(token.text)
    else takeFlag(argv, token, command, flags, all)
  }
  if (!argv.help) takeWords(argv, words.slice(depth), command)
  return argv
}

function takeFlag(
  argv: Arguments,
  { name: given, raw, value, inline }: Token & { kind: 'flag' },
  command: Command,
  flags: Readonly<Record<string, Flag>>,
  all: readonly Command[],
): void {
  const isNegated = flags[given] === undefined && flags[given.replace(/^no-/, '')]?.type === 'boolean'
  const name = isNegated ? given.replace(/^no-/, '') : given
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined
  if (!flag) throw unknownFlag(raw, given, command, all)
  const key = camelCase(name)
  if (flag.type === 'boolean') {
    argv[key] = booleanOf(name, raw, value) !== isNegated
    return
  }
  // Whatever begins like a flag is one: a value that does is given as --flag=value.
  const looksLikeFlag = value !== undefined && /^-[^\d\s]./.test(value) && !inline
  if (value === undefined || value === '' || looksLikeFlag)
    throw usageError(
      `--${name} needs a value`,
      looksLikeFlag ? `If that is "${value}": --${name}=${value}` : `See dasy ${command.name} --help.`,
    )
  if (flag.array) argv[key] = [...(argv[key] ?? []), value]
  else if (argv[key] !== undefined) throw usageError(`--${name} is given more than once`, 'Give it once.')
  else argv[key] = value
}

function booleanOf(name: string, raw: string, value: string | undefined): boolean {
  if (value === undefined || value === 'true') return true
  if (value === 'false') return false
  throw usageError(`${raw}=${value}: --${name} takes no value`, `Say --${name} or --no-${name}.`)
}

function takeWords(argv: Arguments, words: readonly string[], { name, positionals = {} }: Command): void {
  const help = `See dasy ${name} --help.`
  const rest = [...words]
  for (const [place, { optional, choices, several }] of Object.entries(positionals)) {
    const value = several ? rest.splice(0) : rest.shift()
    if (!optional && (value === undefined || value.length === 0))
      throw usageError(
        `"dasy ${name}" needs ${place.toUpperCase()}${several ? ', such as a file' : ''}`,
        help,
      )
    argv[place] = value
    if (value === undefined || !choices || choices.includes(value as string)) continue
    const near = nearest(value as string, choices)
    throw usageError(
      `"dasy ${name}" does not know "${value}"`,
      near ? `Did you mean "dasy ${name} ${near}"?` : `It takes ${choices.join(', ')}.`,
    )
  }
  if (rest.length > 0) throw usageError(`"${rest[0]}" is one argument too many`, help)
}

function unknownFlag(raw: string, name: string, command: Command, all: readonly Command[]): DasyError {
  return usageError(`"dasy ${command.name}" has no flag ${raw}`, remedy(raw, name, command, all))
}

function remedy(raw: string, name: string, command: Command, all: readonly Command[]): string {
  const help = `See dasy ${command.name} --help.`
  if (!raw.startsWith('--')) return help
  const own = flagsOf(command)
  const positive = name.replace(/^no-/, '')
  if (own[positive]) return `--${positive} takes a value, and is left out where there is none.`
  const other = withSubcommands(all).find(({ options = {} }) => options[positive])
  if (other) return `It is one of "dasy ${other.name}".`
  const near = nearest(name, Object.keys(own))
  return near ? `Did you mean --${near}?` : help
}
