// What it costs to keep old values, and to use them: plan, apply, undo, blame, sync.
import { median, memory, seconds, work } from '../figures.mjs'
import { demandProducts, ingest, update } from '../sides.mjs'
import { demandReceipt } from '../truth.mjs'

/**
 * @typedef {import('../workbench.mjs').Workbench} Workbench
 * @typedef {import('../files.mjs').ProductFile} ProductFile
 * @typedef {import('../runner.mjs').Case} Case
 * @typedef {import('../runner.mjs').Side} Side
 */

const KEPT = ['--history']

/** With history against without it. @param {number} must @param {(flags: string[], name: string) => Side} side */
function price(must, side) {
  const [kept, plain] = [side(KEPT, 'with history'), side([], '--no-history')]
  return { sides: [kept, plain], claims: [{ of: kept.name, to: plain.name, figure: seconds, must }] }
}

/** @type {Case} */
const firstLoad = {
  name: 'history-first',
  what: 'a new table, with history and without',
  async plan(bench, { records, workers }) {
    const file = await bench.files.products({ records })
    return price(1.02, (flags, name) =>
      ingest(bench, file, workers, { name: `dasy ingest, new, ${name}`, flags }),
    )
  },
}

/** @param {string} name @param {string} what @param {number} changed percent @param {number} must @returns {Case} */
function updates(name, what, changed, must) {
  return {
    name,
    what: `update, ${what}, with history and without`,
    async plan(bench, { records, workers }) {
      const held = await bench.files.products({ records })
      const file = await bench.files.products({ records, changed })
      return price(must, (flags, kept) =>
        update(bench, held, file, workers, `dasy update, ${what}, ${kept}`, flags),
      )
    },
  }
}

/** @type {Case} */
const undo = {
  name: 'undo',
  what: 'undo of an update, a tenth changed, against the update itself',
  async plan(bench, { records, workers }) {
    const held = await bench.files.products({ records })
    const file = await bench.files.products({ records, changed: 10 })
    const forth = update(bench, held, file, workers, 'dasy update, a tenth changed', KEPT)
    let run = 0
    /** @type {Side} */
    const back = {
      name: 'dasy undo of it',
      prepare: async () => {
        await bench.hold(held)
        run = (await bench.dasy('update', file.path, '--workers', workers, ...KEPT)).receipt.run
      },
      run: async () => {
        const load = await bench.dasy('undo', String(run))
        demandReceipt(load, { skipped: 0, inserted: 0 })
        return load
      },
      verify: () => demandProducts(bench, held),
    }
    return {
      sides: [forth, back],
      claims: [{ of: back.name, to: forth.name, figure: seconds, must: 1.2 }],
    }
  },
}

/** @type {Case} */
const plan = {
  name: 'plan',
  what: 'plan and apply, a tenth changed, against the ingest that does the same',
  async plan(bench, { records, workers }) {
    const held = await bench.files.products({ records })
    const file = await bench.files.products({ records, changed: 10 })
    const start = await startUp(bench)
    const args = [file.path, '--workers', workers]
    /** @param {string} name @param {() => Promise<import('../workbench.mjs').Load>} run @returns {Side} */
    const changing = (name, run) => ({
      name,
      prepare: () => bench.hold(held),
      run,
      verify: () => demandProducts(bench, file),
    })
    const whole = changing('dasy ingest', async () => {
      const load = await bench.dasy('ingest', ...args, ...KEPT)
      const { merge, aggregate } = load.receipt.seconds
      return { ...load, work: merge + aggregate }
    })
    /** @type {Side} */
    const planned = {
      name: 'dasy plan',
      prepare: () => bench.hold(held),
      run: () => bench.dasy('plan', ...args),
      verify: () => demandProducts(bench, held),
    }
    let run = 0
    const applied = {
      ...changing('dasy apply of a plan', async () => {
        const load = await bench.dasy('apply', String(run))
        return { ...load, work: load.seconds - start }
      }),
      prepare: async () => {
        await bench.hold(held)
        run = (await bench.dasy('plan', ...args)).receipt.run
      },
    }
    return {
      sides: [whole, planned, applied],
      claims: [
        { of: planned.name, to: whole.name, figure: seconds, must: 1.0 },
        // Of the ingest only what follows staging, of apply all but the start of the process.
        { of: applied.name, to: whole.name, figure: work, must: 1.0 },
      ],
    }
  },
}

/** Seconds of a command that only starts. @param {Workbench} bench */
async function startUp(bench) {
  const times = []
  for (let time = 0; time < 5; time++) times.push((await bench.dasy('runs', '--limit', '1')).seconds)
  return Math.min(...times)
}

const RUNS = 100
const SEARCH = 0.02

/** @type {Case} */
const blame = {
  name: 'blame',
  what: `blame of one key in a large table with ${RUNS} runs in its history`,
  large: true,
  async plan(bench, { records, large, workers }) {
    await bench.empty()
    const first = records / 10
    const whole = await bench.files.products({ records: large })
    await bench.dasy('ingest', whole.path, ...KEPT)
    const turns = [
      await bench.files.products({ records: large, first, changed: 100 }),
      await bench.files.products({ records: large, first }),
    ]
    for (let run = 0; run < RUNS; run++) {
      const { path } = /** @type {ProductFile} */ (turns[run % 2])
      await bench.dasy('update', path, '--workers', workers, ...KEPT)
    }
    const [{ sku }] = await bench
      .sql('SELECT key[1] AS sku FROM dasy.changes_2 LIMIT 1')
      .catch(() => bench.sql('SELECT key[1] AS sku FROM dasy.changes WHERE run = 2 LIMIT 1'))
    const name = 'dasy blame'
    /** @type {number[]} */
    const firsts = []
    return {
      sides: [
        {
          name,
          run: async () => {
            const { found, first, search } = await searched(bench, sku)
            if (found !== RUNS) throw new Error(`${found} changes were found, and not ${RUNS}`)
            firsts.push(first)
            const ran = await bench.measure(process.execPath, [
              new URL('../../bin/dasy.js', import.meta.url).pathname,
              ...['blame', 'products', sku, '--json', '--database-url', bench.url],
            ])
            return { ...ran, work: search }
          },
        },
      ],
      claims: [{ of: name, figure: work, must: SEARCH, aim: SEARCH / 2 }],
      conclude: () => [
        `the first search of a session, which reads the catalog: ${work.show(median(firsts))}`,
      ],
    }
  },
}

/** How long a session looks for the changes of a key, at first and again. @param {Workbench} bench @param {string} sku */
async function searched(bench, sku) {
  const { Database } = await import('../../dist/db/database.js')
  const { setsOf } = await import('../../dist/history/change-set.js')
  const { keyChanges } = await import('../../dist/history/key-history.js')
  const { storedColumns, withTextSettings } = await import('../../dist/history/value-text.js')
  const database = await Database.open({ databaseUrl: bench.url })
  const session = await database.session()
  try {
    return await session.transaction(() =>
      withTextSettings(session, async () => {
        const [row] = await session.rows("SELECT 'public.products'::regclass::oid::integer AS oid")
        const { oid } = /** @type {{ oid: number }} */ (row)
        const sets = await setsOf(session, oid)
        const columns = (await storedColumns(session, oid)).filter((column) => column.name === 'sku')
        const look = async () => {
          const began = performance.now()
          const changes = await keyChanges(session, sets, { columns, texts: [sku] })
          return { found: changes.length, search: (performance.now() - began) / 1000 }
        }
        const { search: first } = await look()
        return { first, ...(await look()) }
      }),
    )
  } finally {
    await session.close()
    await database.close()
  }
}

/** One of so many records is missing. */
const ONE_OF = 500

/** @type {Case} */
const sync = {
  name: 'sync',
  what: 'a file that lacks a few of the rows, with --sync and without',
  async plan(bench, { records, workers }) {
    const held = await bench.files.products({ records })
    const first = records - records / ONE_OF
    const file = await bench.files.products({ records, first })
    /** @param {string} name @param {string[]} flags @returns {Side} */
    const side = (name, flags) => ({
      name,
      prepare: () => bench.hold(held),
      run: async () => {
        const load = await bench.dasy('ingest', file.path, '--workers', workers, ...KEPT, ...flags)
        demandReceipt(load, { read: file.records, inserted: 0 })
        return load
      },
    })
    const plain = side('dasy ingest', [])
    const synced = { ...side('dasy ingest --sync', ['--sync']), verify: () => demandProducts(bench, file) }
    return {
      sides: [synced, plain],
      claims: [{ of: synced.name, to: plain.name, figure: seconds, must: 1.2 }],
    }
  },
}

/** @type {Case} */
const ofMemory = {
  name: 'history-memory',
  what: 'resident memory of an update with history, every record of a large file changed',
  large: true,
  async plan(bench, { large, workers }) {
    const held = await bench.files.products({ records: large })
    const file = await bench.files.products({ records: large, changed: 100 })
    const side = update(bench, held, file, workers, 'dasy update, all changed, with history', KEPT)
    const threads = Number(workers)
    const claim = { of: side.name, figure: memory, must: 100 + 25 * threads, aim: 80 + 10 * threads }
    return { sides: [side], claims: [claim] }
  },
}

export default [
  firstLoad,
  updates('history-same', 'nothing changed', 0, 1.02),
  updates('history-tenth', 'a tenth changed', 10, 1.1),
  updates('history-all', 'all changed', 100, 1.3),
  undo,
  plan,
  sync,
  blame,
  ofMemory,
]
