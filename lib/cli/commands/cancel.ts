import { EXIT } from '../../base/errors.js'
import { parseCount } from '../../contract/values.js'
import { type Command, commonOptions, databaseOption, toDatabaseOptions } from '../command.js'
import { printJson } from '../json.js'

export const cancelCommand: Command = {
  name: 'cancel',
  describe: 'Take a run out of the queue, or interrupt one that is running, on any host',
  synonyms: ['abort', 'stop', 'kill'],
  positionals: { run: { describe: 'The number of the run (see dasy jobs)', completes: 'run' } },
  options: { ...databaseOption, ...commonOptions },
  examples: [['dasy cancel 12', 'the table stays as it was; "dasy resume 12" goes on with it']],
  run: async (argv) => {
    const run = parseCount('RUN', argv.run)
    const { cancel } = await import('../../queue/cancel.js')
    const cancelled = await cancel(run, toDatabaseOptions(argv))
    if (argv.json) printJson(cancelled)
    else if (!argv.quiet) process.stdout.write(`run ${run} is cancelled\n`)
    return EXIT.done
  },
}
