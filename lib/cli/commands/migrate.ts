import { EXIT } from '../../base/errors.js'
import {
  type Arguments,
  type Command,
  commonOptions,
  databaseOption,
  toDatabaseOptions,
  yesFlag,
} from '../command.js'
import { confirm } from '../confirm.js'
import { printJson } from '../json.js'

const options = { ...databaseOption, ...commonOptions }

export const migrateCommand: Command = {
  name: 'migrate',
  describe: 'Create or remove the schema dasy, products and products_agg',
  synonyms: ['init', 'setup', 'schema'],
  options,
  examples: [
    ['dasy migrate up', 'create what is missing'],
    ['dasy migrate down --yes', 'remove what dasy created'],
  ],
  subcommands: [
    {
      name: 'migrate up',
      describe: 'Create the schema dasy, products and products_agg, if they are missing',
      options,
      examples: [['dasy migrate up', 'a load does this by itself']],
      async run(argv) {
        const { migrateUp } = await import('../../api/migrate.js')
        const { applied, made } = await migrateUp(toDatabaseOptions(argv))
        const lines = [...applied.map((name) => `applied ${name}`), ...made.map((name) => `made ${name}`)]
        print(argv, { applied, made }, lines.length > 0 ? lines : ['nothing to do'])
        return EXIT.done
      },
    },
    {
      name: 'migrate down',
      describe: 'Remove what dasy created, triggers and aggregates on other tables included',
      options: { ...yesFlag, ...options },
      examples: [['dasy migrate down --yes', 'without a confirmation']],
      async run(argv) {
        const question = 'Remove the schema dasy, its aggregates, and the table products if dasy created it?'
        await confirm('dasy migrate down', question, argv)
        const { migrateDown } = await import('../../api/migrate.js')
        const { removed } = await migrateDown(toDatabaseOptions(argv))
        const lines = removed.map((name) => `removed ${name}`)
        print(argv, { removed }, lines.length > 0 ? lines : ['nothing to remove'])
        return EXIT.done
      },
    },
    {
      name: 'migrate status',
      describe: 'Show which migrations of the schema dasy are applied',
      options,
      examples: [['dasy migrate status', 'the migrations, and when each was applied']],
      async run(argv) {
        const { migrateStatus } = await import('../../api/migrate.js')
        const migrations = await migrateStatus(toDatabaseOptions(argv))
        print(
          argv,
          { migrations },
          migrations.map(({ name, appliedAt }) => `${name}  ${appliedAt?.toISOString() ?? 'not applied'}`),
        )
        return EXIT.done
      },
    },
  ],
}

function print({ json, quiet }: Arguments, facts: object, lines: readonly string[]): void {
  if (json) printJson(facts)
  else if (!quiet) process.stdout.write(`${lines.join('\n')}\n`)
}
