import { defaults } from '../../contract/options.js'
import type { Flag } from '../command.js'
import { readingFlags } from './reading.js'
import { resumeFlags } from './resume.js'

/** The flags of loads that may make tables and columns. */
export const makingFlags = {
  'add-columns': {
    type: 'boolean',
    group: 'Table',
    describe: 'Add new columns of the file also to a table that dasy did not create',
  },
  types: {
    type: 'string',
    value: 'LIST',
    group: 'Table',
    default: 'text',
    describe: 'Types of columns of a new table: price:numeric(10,2),stock:int',
  },
  infer: {
    type: 'boolean',
    group: 'Table',
    describe: 'Give each column of a new table the narrowest type that fits',
  },
} as const satisfies Record<string, Flag>

/** The flags of loads by the rules of update. */
export const updateFlags = {
  'existing-only': {
    type: 'boolean',
    group: 'Rules',
    describe: 'Only update rows that already exist',
  },
} as const satisfies Record<string, Flag>

/** The flags that ingest and update share. */
export const loadFlags = {
  ...readingFlags,
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
  sync: {
    type: 'boolean',
    group: 'Rules',
    describe: 'Delete the rows of the table that the file does not have',
  },
  'sync-where': {
    type: 'string',
    value: 'CONDITION',
    group: 'Rules',
    describe: "With --sync: only rows for which this SQL expression holds: supplier = 'acme'",
  },
  history: {
    type: 'boolean',
    group: 'Rules',
    describe: 'Keep old values, for changes, blame and undo (default); --no-history keeps none',
  },
  restart: {
    type: 'boolean',
    group: 'Rules',
    describe: 'Start a new run, and discard an earlier run of this file that stopped',
  },
  ...resumeFlags,
} as const satisfies Record<string, Flag>
