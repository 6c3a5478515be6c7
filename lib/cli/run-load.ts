import { EXIT, type ExitStatus } from '../base/errors.js'
import type { Listener } from '../contract/events.js'
import type { Receipt } from '../contract/receipt.js'
import { type Arguments, type Positional, usageError } from './command.js'
import { printJson } from './json.js'
import { printable } from './printable.js'
import { showProgress } from './progress.js'
import { renderReceipt } from './receipt.js'
import { interruptible } from './signals.js'

export interface CliOptions {
  readonly ofProcess: true
  readonly onEvent: Listener | undefined
  readonly signal: AbortSignal
}

/** What loads have in common: progress, Ctrl-C, and the receipt. */
export async function runLoad(
  argv: Arguments,
  load: (options: CliOptions) => Promise<Receipt>,
): Promise<ExitStatus> {
  const receipt = await withProgress(argv, load)
  if (argv.json) printJson(receipt)
  else if (!argv.quiet) process.stdout.write(renderReceipt(receipt))
  return EXIT.done
}

/** Shows the progress of a load, and lets Ctrl-C interrupt it. */
export async function withProgress<Result>(
  argv: Arguments,
  load: (options: CliOptions) => Promise<Result>,
): Promise<Result> {
  const progress = await showProgress(process.stderr, argv)
  const { metricsFile } = argv
  try {
    return await interruptible(
      (signal) => {
        const work = () => load({ ofProcess: true, onEvent: progress.onEvent, signal })
        return metricsFile === undefined ? work() : withMetrics(argv, work)
      },
      () => progress.interrupted?.(),
    )
  } finally {
    progress.stop()
  }
}

async function withMetrics<Result>(argv: Arguments, work: () => Promise<Result>): Promise<Result> {
  const { withMetricsFile } = await import('../observe/metrics-file.js')
  const warn = (text: string): void => void process.stderr.write(`dasy: ${printable(text)}\n`)
  return await withMetricsFile(argv.metricsFile, argv, work, warn)
}

/** What ingest and update load. */
export const SOURCES: Positional = {
  describe: 'Files, quoted patterns, URLs, or - for standard input; archive.zip#entry.csv',
  several: true,
  completes: 'file',
}

/** @throws DasyError USAGE where one has no name */
export function requireSources({ source }: Arguments): string[] {
  if (source.includes(''))
    throw usageError('a SOURCE is empty', 'Name a file, a URL, or - for standard input.')
  return source
}
