import { EXIT } from '../../base/errors.js'
import { colorsOf } from '../colors.js'
import { type Command, usageError } from '../command.js'
import { findCommand, missingSubcommand, unknownCommand } from '../find-command.js'

export const helpCommand: Command = {
  name: 'help',
  describe: 'Show the commands, or the help of one',
  positionals: {
    command: { describe: 'A command: ingest, db start', optional: true, several: true, completes: 'command' },
  },
  examples: [
    ['dasy help', 'all commands'],
    ['dasy help ingest', 'the arguments and flags of one command'],
  ],
  async run({ command: words = [] }, all) {
    const { helpOf, overview } = await import('../help.js')
    const { stdout } = process
    const [first, ...rest] = words as string[]
    const found = findCommand(words, all)
    if (first !== undefined && !found) throw unknownCommand(first, all)
    const next = found && rest[found.depth - 1]
    if (found && next !== undefined)
      throw found.command.subcommands
        ? missingSubcommand(found.command, next)
        : usageError(`unexpected argument "${next}"`, `See dasy help ${found.command.name}.`)
    const colors = colorsOf(stdout)
    stdout.write(
      found ? helpOf(found.command, stdout.columns, colors) : overview(all, stdout.columns, colors),
    )
    return EXIT.done
  },
}
