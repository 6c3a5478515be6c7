import { type Arguments, type Command, type Completes, camelCase, type Flag, flagsOf } from '../command.js'
import { findCommand, lastWord } from '../find-command.js'
import { readAnyhow, wordsOf } from '../parse.js'

export interface Candidate {
  readonly word: string
  readonly meaning?: string
}

/** What may stand at the cursor. */
export interface Offer {
  readonly candidates: readonly Candidate[]
  /** What must be looked up besides. */
  readonly values?: Completes | undefined
  /** How the candidates must begin. */
  readonly typed: string
  /** What stands in front of them in the same word: --table= */
  readonly prefix: string
  /** What the rest of the line says, as far as looking up needs it. */
  readonly argv: Arguments
}

/** @param words of the line up to the cursor; the last one is being typed */
export function candidatesFor(words: readonly string[], commands: readonly Command[]): Offer {
  const typed = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const plain = wordsOf(before, commands)
  const found = findCommand(plain, commands)
  if (!found) return { candidates: plain.length > 0 ? [] : named(commands), typed, prefix: '', argv: {} }

  const { command, depth } = found
  const flags = flagsOf(command)
  const { words: given, literal, given: set } = readAnyhow(before, flags)
  const places = [...given, ...literal].slice(depth)
  const argv = argumentsOf(command, set, places)
  const isLiteral = before.includes('--')
  const [, inline = '', name = '', value = ''] = /^(--([^=]+)=)(.*)$/.exec(typed) ?? []
  if (!isLiteral && inline !== '') return { ...valueFor(flags[name]), typed: value, prefix: inline, argv }
  const waiting = flagAtEnd(before.at(-1) ?? '', flags)
  if (!isLiteral && waiting?.type === 'string') return { ...valueFor(waiting), typed, prefix: '', argv }
  if (!isLiteral && typed.startsWith('-'))
    return { candidates: flagsFor(command, Object.keys(set), typed), typed, prefix: '', argv }
  return { ...placeOf(command, places.length, words, commands), typed, prefix: '', argv }
}

/** The flag that a word ends with, whose value may be the next: --table, -qt. */
function flagAtEnd(word: string, flags: Readonly<Record<string, Flag>>): Flag | undefined {
  const [, name = '', letter] = /^--(.+)$|^-\w*(\w)$/.exec(word) ?? []
  return flags[name] ?? Object.values(flags).find(({ alias }) => alias !== undefined && alias === letter)
}

function named(commands: readonly Command[]): Candidate[] {
  return commands.map(({ name, describe }) => ({ word: lastWord(name), meaning: describe }))
}

function valueFor(flag: Flag | undefined): Pick<Offer, 'candidates' | 'values'> {
  return { candidates: (flag?.choices ?? []).map((word) => ({ word })), values: flag?.completes }
}

/** Those that are not given yet; the --no- forms only where somebody begins one. */
function flagsFor(command: Command, given: readonly string[], typed: string): Candidate[] {
  return Object.entries(flagsOf(command))
    .filter(([name, { array }]) => array || !given.includes(name))
    .flatMap(([name, { type, describe }]) => {
      const positive = { word: `--${name}`, meaning: describe }
      return type === 'boolean' && name !== 'help' && typed.startsWith('--n')
        ? [positive, { word: `--no-${name}`, meaning: `not: ${describe}` }]
        : [positive]
    })
}

/** What the next argument may be. */
function placeOf(
  { positionals = {}, subcommands = [] }: Command,
  index: number,
  words: readonly string[],
  commands: readonly Command[],
): Pick<Offer, 'candidates' | 'values'> {
  const places = Object.values(positionals)
  const place = places[index] ?? (places.at(-1)?.several ? places.at(-1) : undefined)
  const below = index === 0 ? named(subcommands) : []
  if (place?.completes === 'command') {
    const found = findCommand(words.slice(1, -1), commands)
    return { candidates: named(found ? (found.command.subcommands ?? []) : commands) }
  }
  const choices = (place?.choices ?? []).map((word) => ({ word }))
  return { candidates: [...below, ...choices], values: place?.completes }
}

function argumentsOf(
  command: Command,
  set: Readonly<Record<string, unknown>>,
  words: readonly string[],
): Arguments {
  const argv: Arguments = {}
  for (const [name, value] of Object.entries(set)) argv[camelCase(name)] = [value].flat().at(-1)
  for (const [index, place] of Object.keys(command.positionals ?? {}).entries()) argv[place] = words[index]
  return argv
}
