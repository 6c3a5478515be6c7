import { EXIT, type ExitStatus } from '../../base/errors.js'
import type { AggregateCheck, AggregateResult } from '../../contract/receipt.js'
import { badValue } from '../../contract/values.js'
import { type Command, commonOptions, databaseOption, toDatabaseOptions } from '../command.js'
import { printJson } from '../json.js'
import { count, printable } from '../printable.js'

export const aggregateCommand: Command = {
  name: 'aggregate',
  describe: 'Count the rows of a table by a column, and keep the counts right',
  synonyms: ['count', 'group'],
  positionals: {
    table: { describe: 'TABLE or SCHEMA.TABLE', completes: 'table' },
    column: { describe: 'The column to count by', completes: 'column' },
  },
  options: {
    as: {
      type: 'string',
      value: 'WHAT',
      choices: ['table', 'view'],
      default: 'table',
      describe: 'The kind of aggregate',
    },
    into: { type: 'string', value: 'NAME', default: 'TABLE_agg, or TABLE_agg_COLUMN', describe: 'Its name' },
    manual: { type: 'boolean', describe: 'Only this command refreshes it' },
    drop: { type: 'boolean', describe: 'Remove it' },
    check: { type: 'boolean', describe: 'Compare it with the table, and repair what differs' },
    'dry-run': {
      type: 'boolean',
      describe: 'With --check: repair nothing; exit status 5 if something differs',
    },
    top: { type: 'string', value: 'N', default: '10', describe: 'How many of the largest groups to print' },
    ...databaseOption,
    ...commonOptions,
  },
  examples: [
    ['dasy aggregate products name', 'products_agg: name, no_of_products'],
    ['dasy aggregate titles "pdl count" --into titles_by_count', 'any other table and column'],
    ['dasy aggregate products name --check --dry-run', 'whether products_agg equals GROUP BY'],
  ],
  async run(argv): Promise<ExitStatus> {
    const { table, column, as, into, manual, drop, check, dryRun, top, json, quiet } = argv
    if (as !== undefined && as !== 'table' && as !== 'view')
      throw badValue('--as', as, 'it takes table or view')
    if (as === 'view' && manual)
      throw badValue('--as', as, 'a view is always right, so --manual says nothing of it')
    const largest = top === undefined ? undefined : Number(top)
    if (largest !== undefined && !(Number.isInteger(largest) && largest >= 0)) {
      throw badValue('--top', top, 'it takes a whole number')
    }
    const { aggregate } = await import('../../api/aggregate.js')
    const result = await aggregate(table, column, {
      as,
      into,
      manual,
      drop,
      check,
      dryRun,
      top: largest,
      ...toDatabaseOptions(argv),
    })
    if (json) printJson(result)
    else if (!quiet) process.stdout.write(render(result))
    return dryRun && result.check && result.check.differing > 0 ? EXIT.differs : EXIT.done
  },
}

function render(result: AggregateResult): string {
  const { aggregate, action, groups, largest, kind } = result
  if (action === 'dropped') return `${printable(aggregate)} dropped\n`
  if (result.check) return renderCheck(printable(aggregate), result.check)
  const lines = [`${printable(aggregate)} ${action} (${kind}): ${count(groups ?? 0)} groups`]
  const digits = Math.max(0, ...largest.map((each) => count(each.count).length))
  for (const { value, count: size } of largest) {
    lines.push(`  ${count(size).padStart(digits)}  ${value === null ? '(null)' : printable(value)}`)
  }
  return `${lines.join('\n')}\n`
}

function renderCheck(aggregate: string, { differing, repaired, differences }: AggregateCheck): string {
  if (differing === 0) return `${aggregate} is right\n`
  const lines = [
    `${aggregate}: ${count(differing)} groups ${repaired ? 'were wrong and are mended' : 'are wrong'}`,
  ]
  for (const { value, kept, counted } of differences) {
    const group = value === null ? '(null)' : printable(value)
    lines.push(`  ${count(kept)} kept, ${count(counted)} counted  ${group}`)
  }
  if (differing > differences.length) lines.push(`  and ${count(differing - differences.length)} more`)
  return `${lines.join('\n')}\n`
}
