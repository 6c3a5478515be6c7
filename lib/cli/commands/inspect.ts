import { EXIT, type ExitStatus } from '../../base/errors.js'
import type { LoadOptions } from '../../contract/options.js'
import { type Arguments, type Command, commonOptions } from '../command.js'
import { readingFlags } from '../flags/reading.js'
import { retryFlag } from '../flags/resume.js'
import { printJson } from '../json.js'
import { toLoadOptions } from '../load-options.js'
import { printable } from '../printable.js'
import { progressFlag, showProgress } from '../progress.js'
import { requireSources, SOURCES } from '../run-load.js'
import { interruptible } from '../signals.js'

/** The flags that a load of the same source needs too. */
const sharedFlags = { ...readingFlags, ...retryFlag }

export const inspectCommand: Command = {
  name: 'inspect',
  describe:
    'Show what files contain and how they would load: dialect, columns, types, keys, bad records; uses no database',
  synonyms: ['check', 'describe', 'show', 'head', 'sniff'],
  positionals: { source: SOURCES },
  options: {
    ...sharedFlags,
    ...progressFlag,
    ...commonOptions,
  },
  examples: [
    ['dasy inspect products.csv', 'what it contains, and how to load it'],
    ['dasy inspect titles.csv.gz --key title', 'whether titles repeat'],
    ['curl -s https://… | dasy inspect - --json', 'for a program'],
  ],
  async run(argv): Promise<ExitStatus> {
    const { json, quiet } = argv
    const sources = requireSources(argv)
    const [{ withDataset }, { inspect }] = await Promise.all([
      import('../../config/with-dataset.js'),
      import('../../api/inspect.js'),
    ])
    const progress = await showProgress(process.stderr, argv)
    try {
      const given = { ...toLoadOptions(argv), onEvent: progress.onEvent }
      const options = await withDataset(sources, given, argv)
      const found = await interruptible(
        (signal) => inspect(sources, { ...options, signal }),
        () => progress.interrupted?.(),
      )
      progress.stop()
      if (json) printJson(found)
      else if (!quiet) await print(found, argv, options)
    } finally {
      progress.stop()
    }
    return EXIT.done
  },
}

async function print(
  found: Parameters<typeof import('../inspection.js').renderInspection>[0],
  argv: Arguments,
  { types, infer }: LoadOptions,
): Promise<void> {
  const [{ renderInspection }, { ingestLine }] = await Promise.all([
    import('../inspection.js'),
    import('../ingest-line.js'),
  ])
  const isTyped = infer || Object.keys(types ?? {}).length > 0
  const line = ingestLine(found, argv, Object.keys(sharedFlags), isTyped)
  process.stdout.write(`${renderInspection(found)}\n${printable(line)}\n`)
}
