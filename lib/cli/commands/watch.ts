import { EXIT } from '../../base/errors.js'
import type { WatchEvent } from '../../contract/watch-events.js'
import type { Command } from '../command.js'
import { commonOptions, concurrencyOption, databaseOption, toDatabaseOptions } from '../command.js'
import { metricsPortFlags, withMetricsServer } from '../flags/observe.js'
import { privateFlags } from '../flags/private.js'
import { configFlag } from '../flags/reading.js'
import { toJson } from '../json.js'
import { wholeNumber } from '../load-options.js'
import { interruptible } from '../signals.js'
import { watchLine } from '../watch-lines.js'

export const watchCommand: Command = {
  name: 'watch',
  isLogged: true,
  describe: 'Load the files that arrive in folders, until it is stopped',
  synonyms: ['listen', 'daemon', 'monitor', 'inbox'],
  positionals: {
    folder: {
      describe: "Folders to watch; without one those of the datasets' patterns",
      several: true,
      optional: true,
      completes: 'file',
    },
  },
  options: {
    ...configFlag,
    settle: {
      type: 'string',
      value: 'TIME',
      group: 'Source',
      default: '2s',
      describe: 'How long a file must not change before it is loaded',
    },
    poll: {
      type: 'string',
      value: 'TIME',
      group: 'Source',
      default: '10s',
      describe: 'How often to look, also if the system tells of nothing',
    },
    'follow-links': {
      type: 'boolean',
      group: 'Source',
      describe: 'Load symbolic links as the files to which they lead',
    },
    keep: {
      type: 'boolean',
      group: 'Rules',
      describe: 'Leave files where they are; default: move them to done/ or failed/ with their receipts',
    },
    once: { type: 'boolean', describe: 'Handle what lies there, and end' },
    work: {
      type: 'boolean',
      describe: 'Load in this process too (default); --no-work leaves that to "dasy work"',
    },
    ...concurrencyOption,
    ...privateFlags,
    ...metricsPortFlags,
    ...databaseOption,
    ...commonOptions,
  },
  examples: [
    ['dasy watch', 'the folders of all datasets, until Ctrl-C'],
    ['dasy watch in --keep', 'one folder; its files stay there'],
    ['dasy watch --once', 'for cron: what lies there now'],
    ['dasy watch --no-work', 'only enqueue; "dasy work" loads, on this or another host'],
  ],
  run: async (argv) => {
    const { folder, json, quiet, once, work, keep, followLinks, settle, poll, config } = argv
    const concurrency = wholeNumber('--concurrency', argv.concurrency)
    const onWatchEvent = (event: WatchEvent): void => {
      logNews(event)
      if (json) process.stdout.write(toJson(event))
      else if (!quiet) process.stdout.write(watchLine(event))
    }
    const { allowPrivateUrls, allowPrivateWebhooks } = argv
    const files = { config, once, keep, followLinks, settle, poll }
    const options = { ...files, work, concurrency, allowPrivateUrls, allowPrivateWebhooks, onWatchEvent }
    const { watch } = await import('../../watch/watch.js')
    const { logNews } = await import('../../observe/news-log.js')
    let isStopped = false
    const { exitStatus } = await interruptible(
      (signal) =>
        withMetricsServer(argv, () => watch(folder, { ...toDatabaseOptions(argv), ...options, signal })),
      () => {
        isStopped = true
      },
    )
    return once && !isStopped ? exitStatus : EXIT.done
  },
}
