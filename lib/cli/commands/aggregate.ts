import { EXIT, type ExitStatus } from '../../base/errors.js'
import type { AggregateCheck, AggregateResult } from '../../contract/receipt.js'
import { badValue } from '../../contract/values.js'
import { type Command, commonOptions, databaseOption, toDatabaseOptions } from '../command.js'
import { printJson } from '../json.js'
import { count, printable } from '../printable.js'

export const aggregateCommand: Command = {
  name: 'aggregate',
  describe: 'Count the rows of a table by a column, and keep the counts up to date',
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
    check: { type: 'boolean', describe: 'Compare it with the table, and repair wrong counts' },
    'dry-run': {
      type: 'boolean',
      describe: 'With --check: repair nothing; exit status 5 if a count is wrong',
    },
    top: { type: 'string', value: 'N', default: '10', describe: 'How many of the largest groups to print' },
    ...databaseOption,
    ...commonOptions,
  },
  examples: [
    ['dasy aggregate products name', 'products_agg: name, no_of_products'],
    ['dasy aggregate titles "pdl count" --into titles_by_count', 'another table and column'],
    ['dasy aggregate products name --check --dry-run', 'compare products_agg with its table'],
  ],
  async run(argv): Promise<ExitStatus> {
    const { table, column, as, into, manual, drop, check, dryRun, top, json, quiet } = argv
    if (as !== undefined && as !== 'table' && as !== 'view')
      throw badValue('--as', as, 'must be table or view')
    if (as === 'view' && manual)
      throw badValue('--as', as, 'a view is always up to date, so --manual has no effect on it')
    const largest = top === undefined ? undefined : Number(top)
    if (largest !== undefined && !(Number.isInteger(largest) && largest >= 0)) {
      throw badValue('--top', top, 'must be a whole number')
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
  if (differing === 0) return `${aggregate} is correct\n`
  const [groups, were, are] = differing === 1 ? ['group', 'was', 'is'] : ['groups', 'were', 'are']
  const state = repaired ? `${were} wrong and ${are} repaired` : `${are} wrong`
  const lines = [`${aggregate}: ${count(differing)} ${groups} ${state}`]
  for (const { value, kept, counted } of differences) {
    const group = value === null ? '(null)' : printable(value)
    lines.push(`  ${count(kept)} in the aggregate, ${count(counted)} in the table  ${group}`)
  }
  if (differing > differences.length) lines.push(`  and ${count(differing - differences.length)} more`)
  return `${lines.join('\n')}\n`
}
