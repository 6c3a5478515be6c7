import type { AnalyzeResult } from '../../api/analyze.js'
import { EXIT, type ExitStatus } from '../../base/errors.js'
import { type Command, commonOptions, databaseOption, toDatabaseOptions } from '../command.js'
import { configFlag } from '../flags/reading.js'
import { printJson } from '../json.js'
import { count, printable } from '../printable.js'

export const analyzeCommand: Command = {
  name: 'analyze',
  describe: 'Create or refresh the views of a dataset',
  positionals: { dataset: { describe: 'The name of a dataset in dasy.config.json', completes: 'dataset' } },
  options: { ...configFlag, ...databaseOption, ...commonOptions },
  examples: [['dasy analyze titles', 'run the SQL files that the dataset names as its views']],
  async run(argv): Promise<ExitStatus> {
    const { dataset, config, json, quiet } = argv
    const { analyze } = await import('../../api/analyze.js')
    const result = await analyze(dataset, { config, ...toDatabaseOptions(argv) })
    if (json) printJson(result)
    else if (!quiet) process.stdout.write(render(result))
    return EXIT.done
  },
}

function render({ views }: AnalyzeResult): string {
  if (views.length === 0) return 'no view was created\n'
  const width = Math.max(...views.map(({ view }) => printable(view).length))
  const digits = Math.max(...views.map(({ rows }) => count(rows).length))
  const lines = views.map(
    ({ view, rows }) =>
      `${printable(view).padEnd(width)}  ${count(rows).padStart(digits)} ${rows === 1 ? 'row' : 'rows'}`,
  )
  return `${lines.join('\n')}\n`
}
