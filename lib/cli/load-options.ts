import { defaults, type LoadOptions, type ResumeOptions } from '../contract/options.js'
import { badValue } from '../contract/values.js'
import { type Arguments, commonOptions, databaseOption, type Flag } from './command.js'
import { progressFlag } from './progress.js'

/** The flags of whatever loads, also where it resumes a run. What they default to is decided in lib/contract/options.ts alone. */
export const resumeFlags = {
  'max-rejects': {
    type: 'string',
    value: 'N|P%',
    group: 'Rules',
    default: '0',
    describe: 'Bad records that may be left out: a count, or a percentage such as 0.5%',
  },
  'trust-owner': {
    type: 'boolean',
    group: 'Rules',
    describe: "As a superuser, run triggers, checks and types of the table's owner",
  },
  workers: {
    type: 'string',
    alias: 'w',
    value: 'N',
    group: 'Speed',
    default: 'the processors available',
    describe: 'Threads, each with its own connection',
  },
  'range-size': {
    type: 'string',
    value: 'BYTES',
    group: 'Speed',
    default: 'by the size of the file',
    describe: 'Bytes that a worker takes at a time',
  },
  'work-mem': {
    type: 'string',
    value: 'SIZE',
    group: 'Speed',
    default: defaults.workMem,
    describe: 'Memory on the server for a sort or hash table of the merge',
  },
  parallel: {
    type: 'string',
    value: 'N',
    group: 'Speed',
    default: "the server's setting",
    describe: 'Parallel processes of the server for a statement of the merge',
  },
  'retry-for': {
    type: 'string',
    value: 'SECONDS',
    group: 'Speed',
    default: `${defaults.retryFor}`,
    describe: 'How long to retry a lost connection',
  },
  ...progressFlag,
  ...databaseOption,
  ...commonOptions,
} as const satisfies Record<string, Flag>

/** Which dataset of a configuration is meant. */
export const configFlag = {
  config: {
    type: 'string',
    value: 'FILE',
    group: 'Source',
    default: 'dasy.config.json',
    completes: 'file',
    describe: 'The configuration, which describes the datasets',
  },
} as const satisfies Record<string, Flag>

/** The flags that ingest and update share. */
export const loadFlags = {
  dataset: {
    type: 'string',
    value: 'NAME',
    group: 'Source',
    default: 'the one whose patterns fit the file',
    completes: 'dataset',
    describe: 'The dataset whose settings to use',
  },
  ...configFlag,
  'max-size': {
    type: 'string',
    value: 'SIZE',
    group: 'Source',
    default: defaults.maxSize,
    describe: 'The largest text of a compressed or remote source, or of a pipe',
  },
  'max-ratio': {
    type: 'string',
    value: 'N',
    group: 'Source',
    default: `${defaults.maxRatio}`,
    describe: 'The largest ratio of decompressed to compressed bytes',
  },
  delimiter: {
    type: 'string',
    alias: 'd',
    value: 'CHAR',
    group: 'Dialect',
    default: 'detected, like quote, escape and encoding',
    describe: 'Between fields: one character, or tab',
  },
  quote: {
    type: 'string',
    value: 'CHAR',
    group: 'Dialect',
    describe: 'Around fields: one character, or none',
  },
  escape: {
    type: 'string',
    value: 'CHAR',
    group: 'Dialect',
    default: 'the quote itself',
    describe: 'The escape character inside quoted fields',
  },
  header: {
    type: 'boolean',
    group: 'Dialect',
    describe: 'The first record names the columns; --no-header needs --columns',
  },
  columns: {
    type: 'string',
    value: 'LIST',
    group: 'Dialect',
    describe: 'The columns of a file without a header: sku,name',
  },
  'skip-lines': {
    type: 'string',
    value: 'N',
    group: 'Dialect',
    default: '0',
    describe: 'Lines to skip before the header',
  },
  trim: { type: 'boolean', group: 'Dialect', describe: 'Remove blanks around fields' },
  encoding: {
    type: 'string',
    value: 'NAME',
    group: 'Dialect',
    default: 'detected, else UTF8',
    completes: 'encoding',
    describe: "The file's encoding: LATIN1, WIN1252, UTF-16LE, …",
  },
  null: {
    type: 'string',
    value: 'WORD',
    group: 'Dialect',
    describe: 'Read an unquoted field that is exactly WORD as NULL, like an empty one',
  },
  'lenient-quotes': {
    type: 'boolean',
    group: 'Dialect',
    describe: 'Load records with misplaced quotes, and keep the quotes as text',
  },
  'max-record': {
    type: 'string',
    value: 'SIZE',
    group: 'Dialect',
    default: defaults.maxRecord,
    describe: 'The longest record: bytes, or 16MiB',
  },
  table: {
    type: 'string',
    alias: 't',
    value: 'TABLE',
    group: 'Table',
    default: defaults.table,
    completes: 'table',
    describe: 'The table, or SCHEMA.TABLE',
  },
  key: {
    type: 'string',
    alias: 'k',
    value: 'COLUMNS',
    group: 'Table',
    default: defaults.key,
    describe: 'Its key: a column, a list such as sku,name, or :row',
  },
  map: {
    type: 'string',
    value: 'FROM=TO',
    array: true,
    group: 'Table',
    describe: 'Load a column of the file into a column of another name: "Product Name=name"',
  },
  ignore: {
    type: 'string',
    value: 'COLUMNS',
    array: true,
    group: 'Table',
    describe: 'A column of the file to leave out, or a list of them',
  },
  set: {
    type: 'string',
    value: 'COLUMN=VALUE',
    array: true,
    group: 'Table',
    describe: 'Give a column of the table one value in every record: source=acme',
  },
  duplicates: {
    type: 'string',
    value: 'WHICH',
    group: 'Rules',
    choices: ['last', 'first', 'error'],
    default: defaults.duplicates,
    describe: 'Which record of a key that repeats in the file is loaded',
  },
  'on-conflict': {
    type: 'string',
    value: 'WHAT',
    group: 'Rules',
    choices: ['update', 'skip', 'error'],
    default: defaults.onConflict,
    describe: 'What to do with a key that is in the table',
  },
  restart: {
    type: 'boolean',
    group: 'Rules',
    describe: 'Start a new run, and discard an earlier run of this file that stopped',
  },
  ...resumeFlags,
} as const satisfies Record<string, Flag>

export function toResumeOptions(argv: Arguments): ResumeOptions {
  return {
    databaseUrl: argv.databaseUrl,
    maxRejects: argv.maxRejects,
    trustOwner: argv.trustOwner,
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

/** Its bounds are lib/contract/options.ts's matter. */
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
