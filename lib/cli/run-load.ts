import { EXIT, type ExitStatus } from '../base/errors.js'
import type { Listener } from '../contract/events.js'
import type { Receipt } from '../contract/receipt.js'
import { type Arguments, type Positional, usageError } from './command.js'
import { printJson } from './json.js'
import { showProgress } from './progress.js'
import { renderReceipt } from './receipt.js'
import { interruptible } from './signals.js'

interface CliOptions {
  readonly ofProcess: true
  readonly onEvent: Listener | undefined
  readonly signal: AbortSignal
}

/** What ingest, update and resume have in common: progress, Ctrl-C, and the receipt. */
export async function runLoad(
  argv: Arguments,
  load: (options: CliOptions) => Promise<Receipt>,
): Promise<ExitStatus> {
  const { json, quiet } = argv
  const progress = await showProgress(process.stderr, argv)
  try {
    const receipt = await interruptible(
      (signal) => load({ ofProcess: true, onEvent: progress.onEvent, signal }),
      () => progress.interrupted?.(),
    )
    progress.stop()
    if (json) printJson(receipt)
    else if (!quiet) process.stdout.write(renderReceipt(receipt))
  } finally {
    progress.stop()
  }
  return EXIT.done
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
