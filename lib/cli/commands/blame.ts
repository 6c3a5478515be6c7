import type { Blame } from '../../api/blame.js'
import { EXIT, type ExitStatus } from '../../base/errors.js'
import { type Command, commonOptions, databaseOption, toDatabaseOptions } from '../command.js'
import { toJson } from '../json.js'

export const blameCommand: Command = {
  name: 'blame',
  describe: 'Say who wrote a row: each run that changed it, newest first, and what it changed',
  synonyms: ['annotate', 'who'],
  positionals: {
    table: { describe: 'The table', completes: 'table' },
    key: { describe: 'The key of the row: a value for each of its columns', several: true },
  },
  options: { ...databaseOption, ...commonOptions },
  examples: [
    ['dasy blame products A-4711', 'who wrote the product A-4711'],
    ['dasy blame prices A-4711 EUR', 'the key has two columns'],
    ['dasy blame products A-4711 --json', 'one JSON object a line'],
  ],
  async run(argv): Promise<ExitStatus> {
    const { table, key, json, quiet } = argv
    const { findBlame } = await import('../../api/blame.js')
    const found = await findBlame(table, key, toDatabaseOptions(argv))
    if (json) process.stdout.write(forPrograms(found))
    else if (!quiet) process.stdout.write(await forPeople(found))
    return EXIT.done
  },
}

function forPrograms({ outside, changes }: Blame): string {
  return [...(outside ? [{ outside }] : []), ...changes].map(toJson).join('')
}

async function forPeople(found: Blame): Promise<string> {
  const { renderBlame } = await import('../diff/blame.js')
  const { lookOf } = await import('../diff/change.js')
  return renderBlame(found, lookOf(process.stdout))
}
