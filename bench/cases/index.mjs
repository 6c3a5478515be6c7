// All cases, in the order in which they are measured: first the one that lists runs, while there are none. Cases on one
// server follow each other.

import { servers } from '../servers/index.mjs'
import again from './again.mjs'
import aggregate from './aggregate.mjs'
import history from './history.mjs'
import ingest from './ingest.mjs'
import memory from './memory.mjs'
import observed from './observed.mjs'
import options from './options.mjs'
import peers from './peers.mjs'
import queue from './queue.mjs'
import scaling from './scaling.mjs'
import service from './service.mjs'
import small from './small.mjs'
import smallUpdate from './small-update.mjs'
import sources from './sources.mjs'
import startUp from './start-up.mjs'
import typed from './typed.mjs'
import typedKey from './typed-key.mjs'
import update from './update.mjs'
import workers from './workers.mjs'

const cases = [
  startUp,
  small,
  ...ingest,
  peers,
  again,
  ...update,
  ...history,
  observed,
  ...options,
  typedKey,
  workers,
  ...memory,
  smallUpdate,
  ...queue,
  ...service,
  ...scaling,
  sources,
  typed,
  aggregate,
].toSorted((one, other) => placeOf(one) - placeOf(other))

export const names = cases.map(({ name }) => name)

/** @param {string[]} asked names, or `all`; by default those that are not large */
export function chosen(asked) {
  if (asked.length === 0) return cases.filter(({ large }) => !large)
  if (asked.includes('all')) return cases
  const unknown = asked.find((name) => !names.includes(name))
  if (unknown) throw new Error(`there is no case "${unknown}"; there are ${names.join(', ')}`)
  return cases.filter(({ name }) => asked.includes(name))
}

/** Cases of the embedded server come first. @param {import('../runner.mjs').Case} each */
function placeOf({ server = 'embedded' }) {
  return Object.keys(servers).indexOf(server)
}
