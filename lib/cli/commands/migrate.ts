import { EXIT, type ExitStatus } from '../../errors.js'
import { type Command, commonOptions, databaseOption, toDatabaseOptions, usageError } from '../command.js'
import { confirm, notConfirmed } from '../confirm.js'
import { printJson } from '../json.js'

const ACTIONS = ['up', 'down', 'status'] as const

export const migrateCommand: Command = {
  name: 'migrate',
  describe: 'Make or remove the schema dasy, products and products_agg: up, down, status',
  positionals: { action: { describe: ACTIONS.join(', '), choices: ACTIONS } },
  options: {
    yes: { type: 'boolean', alias: 'y', describe: 'down: do not ask' },
    ...databaseOption,
    ...commonOptions,
  },
  examples: [
    ['dasy migrate up', 'make what is missing'],
    ['dasy migrate down --yes', 'remove what dasy made'],
  ],
  async run(argv): Promise<ExitStatus> {
    const { action, yes, json, quiet } = argv
    const wanted = action as (typeof ACTIONS)[number]
    if (wanted === 'down' && !yes) {
      if (!process.stdin.isTTY)
        throw usageError('"dasy migrate down" asks first, and nobody is there', 'Use --yes.')
      const question = 'Remove the schema dasy, its aggregates, and the table products if dasy made it?'
      if (!(await confirm(question))) throw notConfirmed()
    }
    const { migrateUp, migrateDown, migrateStatus } = await import('../../schema.js')
    const options = toDatabaseOptions(argv)
    const print = (facts: object, lines: readonly string[]): void => {
      if (json) printJson(facts)
      else if (!quiet) process.stdout.write(`${lines.join('\n')}\n`)
    }
    if (wanted === 'up') {
      const { applied, made } = await migrateUp(options)
      const lines = [...applied.map((name) => `applied ${name}`), ...made.map((name) => `made ${name}`)]
      print({ applied, made }, lines.length > 0 ? lines : ['nothing to do'])
    } else if (wanted === 'down') {
      const { removed } = await migrateDown(options)
      print(
        { removed },
        removed.length > 0 ? removed.map((name) => `removed ${name}`) : ['nothing to remove'],
      )
    } else {
      const migrations = await migrateStatus(options)
      print(
        { migrations },
        migrations.map(({ name, appliedAt }) => `${name}  ${appliedAt?.toISOString() ?? 'not applied'}`),
      )
    }
    return EXIT.done
  },
}
