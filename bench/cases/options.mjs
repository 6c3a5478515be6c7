// What other rules cost, against the plain case: into no table, and into one that holds the first half of the file.
import { seconds } from '../figures.mjs'
import { demandProducts, ingest } from '../sides.mjs'
import { demandReceipt, knownKeysOnly, newKeysOnly, oneOfEachKey } from '../truth.mjs'

/** @param {string} to @param {import('../runner.mjs').Side[]} sides @returns {import('../runner.mjs').Plan} */
function against(to, sides) {
  const claims = sides
    .filter(({ name }) => name !== to)
    .map(({ name }) => ({ of: name, to, figure: seconds, must: 1.15, aim: 1.0 }))
  return { sides, claims }
}

/** @type {import('../runner.mjs').Case} */
const newTable = {
  name: 'options',
  what: 'a new table, with other rules than the usual',
  async plan(bench, { records, workers }) {
    const file = await bench.files.products({ records })
    const plain = ingest(bench, file, workers)
    const other = (/** @type {string[]} */ flags, /** @type {object} */ outcome) =>
      ingest(bench, file, workers, { name: flags.join(' '), flags, ...outcome })
    return against(plain.name, [
      plain,
      other(['--on-conflict', 'skip'], {}),
      other(['--duplicates', 'first'], { outcome: oneOfEachKey({ order: 'ASC' }) }),
      other(['--key', 'sku,name'], { outcome: oneOfEachKey({ key: 'sku, name' }), key: ['sku', 'name'] }),
    ])
  },
}

/** @type {import('../runner.mjs').Case} */
const halfHeld = {
  name: 'options-half',
  what: 'a table that holds the first half of the file, with other rules than the usual',
  async plan(bench, { records, workers }) {
    const file = await bench.files.products({ records })
    const held = records / 2
    const half = await bench.files.products({ records, first: held })
    const side = (/** @type {string[]} */ args, /** @type {import('../truth.mjs').Outcome} */ outcome) => ({
      name: `dasy ${args.join(' ')}`,
      prepare: () => bench.hold(half),
      run: async () => {
        const [command = '', ...flags] = args
        const load = await bench.dasy(command, file.path, '--workers', workers, ...flags)
        demandReceipt(load, { read: records, rejected: 0 })
        return load
      },
      verify: () => demandProducts(bench, file, outcome),
    })
    return against('dasy update', [
      side(['update'], oneOfEachKey()),
      side(['update', '--on-conflict', 'skip'], newKeysOnly(held)),
      side(['update', '--existing-only'], knownKeysOnly(held)),
    ])
  },
}

export default [newTable, halfHeld]
