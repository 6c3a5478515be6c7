// All cases, in the order in which they are measured: first the one that lists runs, while there are none.
import again from './again.mjs'
import aggregate from './aggregate.mjs'
import ingest from './ingest.mjs'
import memory from './memory.mjs'
import peers from './peers.mjs'
import scaling from './scaling.mjs'
import smallUpdate from './small-update.mjs'
import sources from './sources.mjs'
import startUp from './start-up.mjs'
import twoMinutes from './two-minutes.mjs'
import typed from './typed.mjs'
import update from './update.mjs'
import workers from './workers.mjs'

const cases = [
  startUp,
  ...ingest,
  peers,
  again,
  ...update,
  workers,
  ...memory,
  smallUpdate,
  scaling,
  sources,
  typed,
  aggregate,
  twoMinutes,
]

export const names = cases.map(({ name }) => name)

/** @param {string | undefined} asked a list of names, or `all`; by default those that are not large */
export function chosen(asked) {
  if (asked === undefined) return cases.filter(({ large }) => !large)
  if (asked === 'all') return cases
  return asked.split(',').map((name) => {
    const found = cases.find((each) => each.name === name)
    if (!found) throw new Error(`there is no case "${name}"; there are ${names.join(', ')}`)
    return found
  })
}
