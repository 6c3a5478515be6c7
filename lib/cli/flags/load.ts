import { defaults } from '../../contract/options.js'
import type { Flag } from '../command.js'
import { readingFlags } from './reading.js'
import { resumeFlags } from './resume.js'

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
  restart: {
    type: 'boolean',
    group: 'Rules',
    describe: 'Start a new run, and discard an earlier run of this file that stopped',
  },
  ...resumeFlags,
} as const satisfies Record<string, Flag>
