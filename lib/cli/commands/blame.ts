import type { Blame } from '../../api/blame.js'
import { EXIT, type ExitStatus } from '../../base/errors.js'
import { colorsOf } from '../colors.js'
import { type Command, commonOptions, databaseOption, toDatabaseOptions } from '../command.js'
import { type Look, MARKS, paint, placeOf, renderValues } from '../diff/change.js'
import { shownValue } from '../diff/value.js'
import { toJson } from '../json.js'
import { localTime, printable } from '../printable.js'

const DEFAULT_COLUMNS = 100

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
    const lines = json ? forPrograms(found) : forPeople(found)
    if (json || !quiet) process.stdout.write(lines.join(''))
    return EXIT.done
  },
}

function forPrograms({ outside, changes }: Blame): string[] {
  return [...(outside ? [{ outside }] : []), ...changes].map(toJson)
}

function forPeople({ table, key, outside, changes, since }: Blame): string[] {
  const colors = colorsOf(process.stdout)
  const look: Look = { columns: process.stdout.columns || DEFAULT_COLUMNS, colors }
  const lines = [`${printable(table)} ${Object.values(key).map(shownValue).join(', ')}\n`]
  if (outside) lines.push(`${colors.yellow('changed outside of dasy')}\n`)
  for (const change of changes) {
    const { run, time, command, op } = change
    const place = placeOf(change)
    const what = paint(op, colors)(`${MARKS[op]} ${op}`)
    lines.push(`\n${colors.bold(`run ${run}`)}  ${localTime(time)}  ${command}  ${what}`)
    lines.push(place ? `  ${colors.dim(place)}\n` : '\n')
    lines.push(...renderValues({ ...change, key }, look).map((line) => `${line}\n`))
  }
  const back = since
    ? `the history of ${printable(table)} goes back to run ${since.run}, ${localTime(since.time)}`
    : `there is no history of ${printable(table)}`
  lines.push(`\n${colors.dim(back)}\n`)
  return lines
}
