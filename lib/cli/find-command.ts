import { nearest } from '../base/did-you-mean.js'
import type { DasyError } from '../base/errors.js'
import { type Command, usageError } from './command.js'

export interface FoundCommand {
  readonly command: Command
  /** The number of words that name it. */
  readonly depth: number
}

/** The command that the first words name: `db start` rather than `db`. */
export function findCommand(
  words: readonly string[],
  commands: readonly Command[],
): FoundCommand | undefined {
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
  return usageError(`unknown command "${word}"`, near ? `Did you mean "dasy ${near}"?` : 'See dasy --help.')
}

/** @param word the word in the place of the subcommand, if there is one */
export function missingSubcommand({ name, subcommands = [] }: Command, word: string | undefined): DasyError {
  const words = subcommands.map((each) => lastWord(each.name))
  if (word === undefined)
    return usageError(`"dasy ${name}" needs a subcommand: ${words.join(', ')}`, `See dasy ${name} --help.`)
  const near = nearest(word, words)
  return usageError(
    `unknown subcommand "${word}" of "dasy ${name}"`,
    near ? `Did you mean "dasy ${name} ${near}"?` : `The subcommands are ${words.join(', ')}.`,
  )
}

export function lastWord(name: string): string {
  return name.slice(name.lastIndexOf(' ') + 1)
}
