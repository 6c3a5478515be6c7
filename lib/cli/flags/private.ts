import type { Flag } from '../command.js'

/** What processes that work for clients of "dasy serve" may reach. */
export const privateFlags = {
  'allow-private-urls': {
    type: 'boolean',
    describe: 'Fetch what clients of "dasy serve" name also from private and loopback addresses',
  },
  'allow-private-webhooks': {
    type: 'boolean',
    describe: 'Send webhooks also to private and loopback addresses',
  },
} as const satisfies Record<string, Flag>
