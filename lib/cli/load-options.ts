import type { Options } from 'yargs'
import { badValue } from '../option-values.js'
import type { LoadOptions, ResumeOptions } from '../options.js'
import type { Arguments } from './command.js'
import { commonOptions, databaseOption } from './command.js'

/** The flags of whatever loads, also where it goes on with a run. What they default to is said in lib/options.ts alone. */
export const resumeFlags = {
  'max-rejects': {
    type: 'string',
    describe: 'Bad records that may be left out: a count or a percentage, 0.5% (0)',
  },
  workers: {
    type: 'string',
    alias: 'w',
    describe: 'Threads, each with its own connection (the processors available)',
  },
  'range-size': {
    type: 'string',
    describe: 'Bytes a worker takes at a time (chosen by the size of the file)',
  },
  'work-mem': {
    type: 'string',
    describe: 'Memory for a sort or hash table of the merge, on the server (128MB)',
  },
  parallel: {
    type: 'string',
    describe: "Processes that may help a statement of the merge (the server's setting)",
  },
  'retry-for': {
    type: 'string',
    describe: 'Seconds for which a lost connection is tried again (60)',
  },
  ...databaseOption,
  ...commonOptions,
} as const satisfies Record<string, Options>

/** Which dataset of a configuration is meant. */
export const configFlag = {
  config: { type: 'string', describe: 'Where the datasets are (dasy.config.json in the working directory)' },
} as const satisfies Record<string, Options>

/** The flags that ingest and update share. */
export const loadFlags = {
  dataset: {
    type: 'string',
    describe: 'The dataset whose settings to use (the one whose patterns fit the file)',
  },
  ...configFlag,
  table: { type: 'string', alias: 't', describe: 'The table, or SCHEMA.TABLE (products)' },
  key: {
    type: 'string',
    alias: 'k',
    describe: 'Its key: a column or a list, sku,name (sku)',
  },
  duplicates: {
    type: 'string',
    describe: 'Which record of a repeated key counts: last, first, or error (last)',
  },
  'on-conflict': {
    type: 'string',
    describe: 'A key that the table holds already: update, skip, or error (update)',
  },
  restart: {
    type: 'boolean',
    describe: 'Begin anew, and give up an earlier run of this file that stopped',
  },
  delimiter: {
    type: 'string',
    alias: 'd',
    describe: 'Between fields: one character, or tab (found out, like quote, escape and encoding)',
  },
  quote: { type: 'string', describe: 'Around fields: one character, or none' },
  escape: { type: 'string', describe: 'Before a quote in a quoted field: one character (the quote itself)' },
  header: { type: 'boolean', describe: 'The first record names the columns; --no-header wants --columns' },
  columns: { type: 'string', describe: 'The columns of a file without a header: sku,name' },
  'skip-lines': { type: 'string', describe: 'Lines in front of the header to pass over (0)' },
  trim: { type: 'boolean', describe: 'Leave out blanks around fields' },
  encoding: {
    type: 'string',
    describe: "The file's encoding, by PostgreSQL's name: LATIN1, WIN1252, … (UTF8)",
  },
  null: {
    type: 'string',
    describe: 'A word that means NULL where it stands without quotes, besides the empty field',
  },
  'lenient-quotes': {
    type: 'boolean',
    describe: 'Load records with misplaced quotes, the quotes as text',
  },
  'max-record': {
    type: 'string',
    describe: 'The longest record: bytes, or 16MiB (64MiB)',
  },
  'max-size': {
    type: 'string',
    describe: 'The most text of a source whose size is not known beforehand (1TiB)',
  },
  'max-ratio': { type: 'string', describe: 'By how many times a compressed source may grow (1000)' },
  map: {
    type: 'string',
    array: true,
    describe: 'A column of the file, and the table\'s: "Product Name=name"',
  },
  ignore: { type: 'string', array: true, describe: 'A column of the file that is left out, or a list' },
  set: { type: 'string', array: true, describe: 'A column of the table that gets one value: source=acme' },
  ...resumeFlags,
} as const satisfies Record<string, Options>

export function toResumeOptions(argv: Arguments): ResumeOptions {
  return {
    databaseUrl: argv.databaseUrl,
    maxRejects: argv.maxRejects,
    workers: wholeNumber('--workers', argv.workers),
    rangeSize: wholeNumber('--range-size', argv.rangeSize),
    workMem: argv.workMem,
    parallel: wholeNumber('--parallel', argv.parallel),
    retryFor: wholeNumber('--retry-for', argv.retryFor),
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
    delimiter: argv.delimiter,
    quote: argv.quote,
    escape: argv.escape,
    header: argv.header,
    columns: argv.columns,
    skipLines: wholeNumber('--skip-lines', argv.skipLines),
    trim: argv.trim,
    maxSize: argv.maxSize,
    maxRatio: wholeNumber('--max-ratio', argv.maxRatio),
    map: pairs('--map', argv.map),
    ignore: argv.ignore?.flatMap((names: string) => names.split(',')),
    set: pairs('--set', argv.set),
    encoding: argv.encoding,
    null: argv.null,
    lenientQuotes: argv.lenientQuotes,
    maxRecord: argv.maxRecord,
  }
}

/** Its bounds are lib/options.ts's matter. */
function wholeNumber(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d+$/.test(text)) throw badValue(flag, text, 'it takes a whole number')
  return Number(text)
}

/** NAME=VALUE, as often as the flag is given. */
function pairs(flag: string, given: readonly string[] | undefined): Record<string, string> | undefined {
  if (given === undefined) return undefined
  const parsed: Record<string, string> = {}
  for (const pair of given) {
    const at = pair.indexOf('=')
    const name = pair.slice(0, at).trim()
    if (at < 1 || name === '') throw badValue(flag, pair, 'it takes NAME=VALUE')
    if (Object.hasOwn(parsed, name)) throw badValue(flag, pair, `"${name}" is given twice`)
    parsed[name] = pair.slice(at + 1)
  }
  return parsed
}
