import { EXIT, type ExitStatus } from '../../base/errors.js'
import { parseCount } from '../../contract/values.js'
import { type Arguments, type Command, commonOptions, databaseOption, toDatabaseOptions } from '../command.js'
import { printJson } from '../json.js'

/** How many of those that are done or have failed are listed for people. */
const SHOWN = 20

const retryCommand: Command = {
  name: 'jobs retry',
  describe: 'Put a run that has failed into the queue again, or try one at once that waits for its next try',
  positionals: { run: { describe: 'The number of the run', completes: 'run' } },
  options: {
    'any-host': {
      type: 'boolean',
      describe: 'Any host may load it: its files are there under the same path',
    },
    ...databaseOption,
    ...commonOptions,
  },
  examples: [
    ['dasy jobs retry 12', 'with all its attempts before it again'],
    ['dasy jobs retry 12 --any-host', 'its host is gone, and its files are on another one'],
  ],
  run: async (argv) => {
    const run = parseCount('RUN', argv.run)
    const { retryJob } = await import('../../queue/jobs.js')
    const job = await retryJob(run, { ...toDatabaseOptions(argv), anyHost: argv.anyHost })
    if (argv.json) printJson(job)
    else if (!argv.quiet) process.stdout.write(`run ${run} is queued\n`)
    return EXIT.done
  },
}

export const jobsCommand: Command = {
  name: 'jobs',
  describe: 'List the runs that were enqueued: what waits and for what, runs, failed, is done',
  synonyms: ['pending', 'waiting', 'tasks'],
  positionals: { run: { describe: 'The number of a run', optional: true, completes: 'run' } },
  options: { ...databaseOption, ...commonOptions },
  examples: [
    ['dasy jobs', 'those that wait, in their order, then the latest others'],
    ['dasy jobs 12 --json', 'one run as a JSON object; without a number an array of all'],
  ],
  subcommands: [retryCommand],
  run: show,
}

async function show(argv: Arguments): Promise<ExitStatus> {
  const { json, quiet } = argv
  const run = argv.run === undefined ? undefined : parseCount('RUN', argv.run)
  const { jobs } = await import('../../queue/jobs.js')
  const found = await jobs({ ...toDatabaseOptions(argv), run, limit: json ? undefined : SHOWN })
  if (json) printJson(run === undefined ? found : found[0])
  else if (!quiet) {
    const { renderJobs } = await import('../jobs-table.js')
    process.stdout.write(renderJobs(found, process.stdout.columns || undefined))
  }
  return EXIT.done
}
