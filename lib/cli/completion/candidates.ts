import { type Arguments, type Command, type Completes, camelCase, type Flag, flagsOf } from '../command.js'
import { findCommand, lastWord } from '../find-command.js'
import { type Token, tokenize, wordsOf } from '../tokens.js'

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
  const tokens = tokenize(before, flags)
  const given = tokens.filter((token) => token.kind === 'word').map(({ text }) => text)
  const argv = argumentsOf(command, tokens, given.slice(depth))
  const isLiteral = before.includes('--')
  const last = tokens.at(-1)
  const [, inline = '', name = '', value = ''] = /^(--([^=]+)=)(.*)$/.exec(typed) ?? []
  if (!isLiteral && inline !== '') return { ...valueFor(flags[name]), typed: value, prefix: inline, argv }
  if (!isLiteral && last?.kind === 'flag' && last.value === undefined && flags[last.name]?.type === 'string')
    return { ...valueFor(flags[last.name]), typed, prefix: '', argv }
  if (!isLiteral && typed.startsWith('-'))
    return { candidates: flagsFor(command, tokens, typed), typed, prefix: '', argv }
  return { ...placeOf(command, given.length - depth, words, commands), typed, prefix: '', argv }
}

function named(commands: readonly Command[]): Candidate[] {
  return commands.map(({ name, describe }) => ({ word: lastWord(name), meaning: describe }))
}

function valueFor(flag: Flag | undefined): Pick<Offer, 'candidates' | 'values'> {
  return { candidates: (flag?.choices ?? []).map((word) => ({ word })), values: flag?.completes }
}

/** Those that are not given yet; the --no- forms only where somebody begins one. */
function flagsFor(command: Command, tokens: readonly Token[], typed: string): Candidate[] {
  const given = tokens.flatMap((token) => (token.kind === 'flag' ? [token.name] : []))
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

function argumentsOf(command: Command, tokens: readonly Token[], given: readonly string[]): Arguments {
  const argv: Arguments = {}
  for (const token of tokens) if (token.kind === 'flag') argv[camelCase(token.name)] = token.value
  for (const [index, place] of Object.keys(command.positionals ?? {}).entries()) argv[place] = given[index]
  return argv
}
