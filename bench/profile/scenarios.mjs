// The runs that can be looked into: what the table holds before, and what dasy is then told to do.

/**
 * @typedef {{ prepare: () => Promise<void>, args: string[] }} Scenario
 * @typedef {(bench: import('../workbench.mjs').Workbench, records: number) => Promise<Scenario>} MakeScenario
 */

/** @type {MakeScenario} */
async function ingest(bench, records) {
  const file = await bench.files.products({ records })
  return { prepare: () => bench.empty(), args: ['ingest', file.path] }
}

/** @type {MakeScenario} */
async function migrated(bench, records) {
  return { ...(await ingest(bench, records)), prepare: () => bench.migrated() }
}

/** @type {MakeScenario} */
async function again(bench, records) {
  const file = await bench.files.products({ records })
  return { prepare: () => bench.hold(file), args: ['ingest', file.path] }
}

/** @param {(records: number) => { changed: number, first?: number }} change @param {string[]} flags @returns {MakeScenario} */
function update(change, ...flags) {
  return async (bench, records) => {
    const held = await bench.files.products({ records })
    const file = await bench.files.products({ records, ...change(records) })
    return { prepare: () => bench.hold(held), args: ['update', file.path, ...flags] }
  }
}

/** A file that lacks one of 500 rows. @type {MakeScenario} */
async function sync(bench, records) {
  const held = await bench.files.products({ records })
  const file = await bench.files.products({ records, first: records - records / 500 })
  return { prepare: () => bench.hold(held), args: ['ingest', '--sync', file.path] }
}

/** @type {MakeScenario} */
async function small(bench) {
  return await ingest(bench, 10)
}

/** @type {Record<string, MakeScenario>} */
export const scenarios = {
  ingest,
  migrated,
  small,
  sync,
  again,
  'update-tenth': update(() => ({ changed: 10 })),
  'history-tenth': update(() => ({ changed: 10 }), '--history'),
  'update-all': update(() => ({ changed: 100 })),
  'small-update': update((records) => ({ changed: 100, first: Math.ceil(records / 1000) })),
}
