import type { Arguments, Flag } from '../command.js'
import { wholeNumber } from '../load-options.js'

/** The flags by which operators watch a process. */

export const metricsFileFlag = {
  'metrics-file': {
    type: 'string',
    value: 'FILE',
    group: 'Output',
    completes: 'file',
    describe: 'Then write metrics into this file, for the textfile collector of node_exporter',
  },
} as const satisfies Record<string, Flag>

export const metricsPortFlags = {
  'metrics-port': {
    type: 'string',
    value: 'N',
    group: 'Output',
    describe: 'Serve metrics for Prometheus at this port, as /metrics; 0 for any that is free',
  },
  'metrics-host': {
    type: 'string',
    value: 'HOST',
    group: 'Output',
    default: '127.0.0.1',
    describe: 'The address to serve them at: 0.0.0.0 for all of this host',
  },
} as const satisfies Record<string, Flag>

/** Serves the metrics while something is done, if that was asked for. */
export async function withMetricsServer<Result>(
  argv: Arguments,
  work: () => Promise<Result>,
): Promise<Result> {
  const { metricsHost: host, databaseUrl, quiet, json } = argv
  const port = wholeNumber('--metrics-port', argv.metricsPort)
  if (port === undefined) return await work()
  const { MetricsServer } = await import('../../observe/metrics-server.js')
  await using server = await MetricsServer.start({ port, host }, { databaseUrl })
  if (!quiet && !json) process.stdout.write(`metrics are served at ${server.url}\n`)
  const { processLog } = await import('../../observe/log.js')
  processLog()?.info({ url: server.url }, 'metrics are served')
  return await work()
}
