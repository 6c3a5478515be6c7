import type { Options } from 'yargs'
import { badValue, type LoadOptions, type ResumeOptions } from '../options.js'
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

/** The flags that ingest and update share. */
export const loadFlags = {
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
