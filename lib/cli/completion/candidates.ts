import {
  type Arguments,
  type Command,
  type Completes,
  camelCase,
  type Flag,
  flagsOf,
  globalFlags,
} from '../command.js'
import { findCommand, lastWord } from '../find-command.js'
import { readLeniently, wordsOf } from '../parse.js'

type Flags = Readonly<Record<string, Flag>>

export interface Candidate {
  readonly word: string
  readonly meaning?: string
}

/** What can be inserted at the cursor. */
export interface Offer {
  readonly candidates: readonly Candidate[]
  /** The kind of further candidates, which must be looked up. */
  readonly values?: Completes | undefined
  /** What is typed of the candidate already. */
  readonly typed: string
  /** What precedes the candidate in the same word: --table= */
  readonly prefix: string
  /** The rest of the command line, as far as the look-up needs it. */
  readonly argv: Arguments
}

/** @param words the words of the line up to the cursor; the last one is being typed */
export function candidatesFor(words: readonly string[], commands: readonly Command[]): Offer {
  const typed = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const plain = wordsOf(before, commands)
  const found = findCommand(plain, commands)
  if (!found)
    return { candidates: withoutCommand(before, plain, typed, commands), typed, prefix: '', argv: {} }

  const { command, depth } = found
  const flags = flagsOf(command)
  const { words: given, literal, given: set } = readLeniently(before, flags)
  const values = [...given, ...literal].slice(depth)
  const argv = argumentsOf(command, set, values)
  const isLiteral = before.includes('--')
  const [, inline = '', name = '', value = ''] = /^(--([^=]+)=)(.*)$/.exec(typed) ?? []
  if (!isLiteral && inline !== '') return { ...valueFor(flags[name]), typed: value, prefix: inline, argv }
  const waiting = flagAtEnd(before.at(-1) ?? '', flags)
  if (!isLiteral && waiting?.type === 'string') return { ...valueFor(waiting), typed, prefix: '', argv }
  if (!isLiteral && typed.startsWith('-'))
    return { candidates: flagsFor(flags, Object.keys(set), typed), typed, prefix: '', argv }
  return { ...positionalFor(command, values.length, words, commands), typed, prefix: '', argv }
}

/** Commands and the global flags; nothing after an unknown command. */
function withoutCommand(
  before: readonly string[],
  plain: readonly string[],
  typed: string,
  commands: readonly Command[],
): Candidate[] {
  if (plain.length > 0) return []
  if (!typed.startsWith('-')) return named(commands)
  return flagsFor(globalFlags, Object.keys(readLeniently(before, globalFlags).given), typed)
}

/** The flag at the end of a word, whose value may be the next word: --table, -qt. */
function flagAtEnd(word: string, flags: Flags): Flag | undefined {
  const [, name = '', letter] = /^--(.+)$|^-\w*(\w)$/.exec(word) ?? []
  return flags[name] ?? Object.values(flags).find(({ alias }) => alias !== undefined && alias === letter)
}

function named(commands: readonly Command[]): Candidate[] {
  return commands.map(({ name, describe }) => ({ word: lastWord(name), meaning: describe }))
}

function valueFor(flag: Flag | undefined): Pick<Offer, 'candidates' | 'values'> {
  return { candidates: (flag?.choices ?? []).map((word) => ({ word })), values: flag?.completes }
}

/** The flags that are not given yet; --no- forms only if the word begins like one. */
function flagsFor(flags: Flags, given: readonly string[], typed: string): Candidate[] {
  return Object.entries(flags)
    .filter(([name, { array }]) => array || !given.includes(name))
    .flatMap(([name, { type, describe }]) => {
      const positive = { word: `--${name}`, meaning: describe }
      return type === 'boolean' && !WITHOUT_OPPOSITE.includes(name) && typed.startsWith('--n')
        ? [positive, { word: `--no-${name}`, meaning: `not: ${describe}` }]
        : [positive]
    })
}

/** Flags that do one thing, whose --no- form nobody needs. */
const WITHOUT_OPPOSITE = ['help', 'version']

/** @param index of the next argument */
function positionalFor(
  { positionals = {}, subcommands = [] }: Command,
  index: number,
  words: readonly string[],
  commands: readonly Command[],
): Pick<Offer, 'candidates' | 'values'> {
  const all = Object.values(positionals)
  const positional = all[index] ?? (all.at(-1)?.several ? all.at(-1) : undefined)
  const below = index === 0 ? named(subcommands) : []
  if (positional?.completes === 'command') {
    const found = findCommand(words.slice(1, -1), commands)
    return { candidates: named(found ? (found.command.subcommands ?? []) : commands) }
  }
  const choices = (positional?.choices ?? []).map((word) => ({ word }))
  return { candidates: [...below, ...choices], values: positional?.completes }
}

/** @param values of the arguments, in their order */
function argumentsOf(
  command: Command,
  set: Readonly<Record<string, unknown>>,
  values: readonly string[],
): Arguments {
  const argv: Arguments = {}
  for (const [name, value] of Object.entries(set)) argv[camelCase(name)] = [value].flat().at(-1)
  for (const [index, name] of Object.keys(command.positionals ?? {}).entries()) argv[name] = values[index]
  return argv
}
