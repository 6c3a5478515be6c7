import { EXIT } from '../../base/errors.js'
import type { QueueEvent } from '../../contract/queue-events.js'
import type { Command } from '../command.js'
import { commonOptions, concurrencyOption, databaseOption, toDatabaseOptions } from '../command.js'
import { metricsPortFlags, withMetricsServer } from '../flags/observe.js'
import { privateFlags } from '../flags/private.js'
import { toJson } from '../json.js'
import { wholeNumber } from '../load-options.js'
import { queueLine } from '../queue-lines.js'
import { interruptible } from '../signals.js'

export const workCommand: Command = {
  name: 'work',
  isLogged: true,
  describe: 'Take loads from the queue, until it is stopped',
  synonyms: ['worker', 'process', 'consume'],
  options: {
    ...concurrencyOption,
    ...metricsPortFlags,
    once: { type: 'boolean', describe: 'End when nothing is left' },
    ...privateFlags,
    ...databaseOption,
    ...commonOptions,
  },
  examples: [
    ['dasy work', 'until Ctrl-C; several processes, on several hosts, share one queue'],
    ['dasy work --concurrency 4', 'four tables at a time'],
    ['dasy work --metrics-port 9464', 'with metrics at http://127.0.0.1:9464/metrics'],
    ['dasy work --once', 'what waits now; exit status 3 if the worst was a limit, else 1'],
  ],
  run: async (argv) => {
    const { json, quiet, once, allowPrivateUrls, allowPrivateWebhooks } = argv
    const concurrency = wholeNumber('--concurrency', argv.concurrency)
    const onQueueEvent = (event: QueueEvent): void => {
      logNews(event)
      if (json) process.stdout.write(toJson(event))
      else if (!quiet) process.stdout.write(queueLine(event))
    }
    const { work } = await import('../../queue/work.js')
    const { logNews } = await import('../../observe/news-log.js')
    let isStopped = false
    const { exitStatus } = await interruptible(
      (signal) =>
        withMetricsServer(argv, () =>
          work({
            ...toDatabaseOptions(argv),
            concurrency,
            once,
            allowPrivateUrls,
            allowPrivateWebhooks,
            onQueueEvent,
            signal,
          }),
        ),
      () => {
        isStopped = true
      },
    )
    return once && !isStopped ? exitStatus : EXIT.done
  },
}
