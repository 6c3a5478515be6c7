import { hostname } from 'node:os'
import { DasyError, EXIT } from './errors.js'

/** Longer names do not fit into the name of a task of the queue. */
const LONGEST = 100

/** The name of this host, in the ledger and in the queue. @throws DasyError BAD_OPTION */
export function ownHost(): string {
  const name = process.env.DASY_HOST || hostname()
  if (name.length <= LONGEST) return name
  throw new DasyError('BAD_OPTION', `DASY_HOST: it has more than ${LONGEST} characters`, {
    exitStatus: EXIT.usage,
    details: { option: 'DASY_HOST' },
  })
}
