import { defaults } from '../../contract/options.js'
import { commonOptions, databaseOption, type Flag } from '../command.js'
import { progressFlag } from '../progress.js'
import { metricsFileFlag } from './observe.js'

export const retryFlag = {
  'retry-for': {
    type: 'string',
    value: 'SECONDS',
    group: 'Speed',
    default: `${defaults.retryFor}`,
    describe: 'How long to retry a lost connection',
  },
} as const satisfies Record<string, Flag>

export const skipConflictsFlag = {
  'skip-conflicts': {
    type: 'boolean',
    group: 'Rules',
    describe: 'Of an undo: leave rows that others have changed since as they are',
  },
} as const satisfies Record<string, Flag>

/** The flags of every run, also of one without sources. */
export const changeFlags = {
  'trust-owner': {
    type: 'boolean',
    group: 'Rules',
    describe: "As a superuser, run triggers, checks and types of the table's owner",
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
  ...retryFlag,
  ...progressFlag,
  ...metricsFileFlag,
  ...databaseOption,
  ...commonOptions,
} as const satisfies Record<string, Flag>

/** The flags of every load, also of one that resumes a run. */
export const resumeFlags = {
  'max-rejects': {
    type: 'string',
    value: 'N|P%',
    group: 'Rules',
    default: `${defaults.maxRejects}`,
    describe: 'Bad records that may be left out: a count, or a percentage such as 0.5%',
  },
  'max-deletes': {
    type: 'string',
    value: 'N|P%',
    group: 'Rules',
    default: defaults.maxDeletes,
    describe: 'With --sync: rows that may be deleted, a count or a percentage of those in question',
  },
  'sync-despite-rejects': {
    type: 'boolean',
    group: 'Rules',
    describe: 'With --sync: delete although records were rejected',
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
    describe: 'Bytes that a worker loads at a time',
  },
  ...changeFlags,
} as const satisfies Record<string, Flag>
