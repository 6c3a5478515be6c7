import { nearest } from '../base/did-you-mean.js'
import type { DasyError } from '../base/errors.js'
import { type Command, usageError } from './command.js'

export interface Found {
  readonly command: Command
  /** How many words name it. */
  readonly depth: number
}

/** The command that words begin with, the longest: `db start`, `runs`. */
export function findCommand(words: readonly string[], commands: readonly Command[]): Found | undefined {
  const [word, ...rest] = words
  const command = commands.find(({ name }) => lastWord(name) === word)
  if (!command) return undefined
  const below = findCommand(rest, command.subcommands ?? [])
  return below ? { command: below.command, depth: below.depth + 1 } : { command, depth: 1 }
}

export function unknownCommand(word: string, commands: readonly Command[]): DasyError {
  const near =
    commands.find(({ synonyms }) => synonyms?.includes(word.toLowerCase()))?.name ??
    nearest(
      word,
      commands.map(({ name }) => name),
    )
  return usageError(
    `there is no command "${word}"`,
    near ? `Did you mean "dasy ${near}"?` : 'See dasy --help.',
  )
}

/** @param word what stands where a subcommand should, if anything does */
export function missingSubcommand({ name, subcommands = [] }: Command, word: string | undefined): DasyError {
  const words = subcommands.map((each) => lastWord(each.name))
  if (word === undefined)
    return usageError(`"dasy ${name}" needs one of ${words.join(', ')}`, `See dasy ${name} --help.`)
  const near = nearest(word, words)
  return usageError(
    `"dasy ${name}" does not know "${word}"`,
    near ? `Did you mean "dasy ${name} ${near}"?` : `It takes ${words.join(', ')}.`,
  )
}

export function lastWord(name: string): string {
  return name.slice(name.lastIndexOf(' ') + 1)
}
