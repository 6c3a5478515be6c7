import type { ChangeOptions, LoadOptions, ResumeOptions } from '../contract/options.js'
import { badValue, parsePairs } from '../contract/values.js'
import type { Arguments } from './command.js'

/** From the arguments of a command line to the options of the library. Defaults are in lib/contract/options.ts. */

/** The options of runs without sources. */
export function toChangeOptions(argv: Arguments): ChangeOptions {
  return {
    databaseUrl: argv.databaseUrl,
    trustOwner: argv.trustOwner,
    workMem: argv.workMem,
    parallel: wholeNumber('--parallel', argv.parallel),
    retryFor: wholeNumber('--retry-for', argv.retryFor),
  }
}

export function toResumeOptions(argv: Arguments): ResumeOptions {
  return {
    ...toChangeOptions(argv),
    maxRejects: argv.maxRejects,
    maxDeletes: argv.maxDeletes,
    syncDespiteRejects: argv.syncDespiteRejects,
    workers: wholeNumber('--workers', argv.workers),
    rangeSize: wholeNumber('--range-size', argv.rangeSize),
  }
}

export function toLoadOptions(argv: Arguments): LoadOptions {
  return {
    ...toResumeOptions(argv),
    table: argv.table,
    key: argv.key,
    duplicates: argv.duplicates,
    onConflict: argv.onConflict,
    restart: argv.restart,
    sync: argv.sync,
    syncWhere: argv.syncWhere,
    history: argv.history,
    delimiter: argv.delimiter,
    quote: argv.quote,
    escape: argv.escape,
    header: argv.header,
    columns: argv.columns,
    skipLines: wholeNumber('--skip-lines', argv.skipLines),
    trim: argv.trim,
    maxSize: argv.maxSize,
    maxRatio: wholeNumber('--max-ratio', argv.maxRatio),
    map: parsePairs('--map', argv.map),
    ignore: argv.ignore?.flatMap((names: string) => names.split(',')),
    set: parsePairs('--set', argv.set),
    encoding: argv.encoding,
    null: argv.null,
    lenientQuotes: argv.lenientQuotes,
    maxRecord: argv.maxRecord,
  }
}

/** Only whether it is a whole number; lib/contract/settings.ts checks its bounds. */
export function wholeNumber(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d+$/.test(text)) throw badValue(flag, text, 'must be a whole number')
  return Number(text)
}
