// What the queue costs: on top of one large file, and for each of many small ones.
import { writeFileSync } from 'node:fs'
import { median, seconds } from '../figures.mjs'
import { demandProducts } from '../sides.mjs'
import { PROGRAM } from '../workbench.mjs'

const FILES = 1000
const RECORDS = 1000
const MOST_MS = 60

/** @typedef {import('../workbench.mjs').Workbench} Workbench */

/** @type {import('../runner.mjs').Case[]} */
export default [
  {
    name: 'queue-large',
    what: 'the file through the queue, from when a worker takes it, against ingest without its start',
    async plan(bench, { records, workers }) {
      const file = await bench.files.products({ records })
      const ingest = {
        name: 'dasy ingest, without its start',
        prepare: () => bench.empty(),
        run: async () => {
          const load = await bench.dasy('ingest', file.path, '--workers', workers)
          const { total, start } = load.receipt.seconds ?? { total: 0, start: 0 }
          return { ...load, seconds: total - start }
        },
        verify: () => demandProducts(bench, file),
      }
      const queued = {
        name: 'dasy enqueue, dasy work',
        prepare: async () => {
          await bench.empty()
          await bench.dasy('enqueue', file.path, '--no-history', '--workers', workers)
        },
        run: async () => {
          const ran = await work(bench)
          const events = ran.stdout
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line))
          const at = (/** @type {string} */ type) =>
            Date.parse(events.find((event) => event.type === type).timestamp)
          return { ...ran, seconds: (at('run.completed') - at('run.started')) / 1000 }
        },
        verify: () => demandProducts(bench, file),
      }
      return {
        sides: [ingest, queued],
        claims: [{ of: queued.name, to: ingest.name, figure: seconds, must: 1.05 }],
      }
    },
  },
  {
    name: 'queue-files',
    what: `${FILES} files of ${RECORDS} records by one worker, against one ingest of all`,
    large: true,
    async plan(bench) {
      const paths = Array.from({ length: FILES }, (_, index) => makeFile(bench, index))
      const ingest = {
        name: 'dasy ingest of all',
        prepare: () => bench.empty(),
        run: () => bench.dasy('ingest', ...paths),
      }
      const queued = {
        name: 'dasy work',
        prepare: async () => {
          await bench.empty()
          const { enqueue } = await import('../../dist/index.js')
          for (const path of paths) await enqueue(path, { databaseUrl: bench.url, history: false })
        },
        run: () => work(bench),
        verify: async () => {
          const [{ count }] = await bench.sql('SELECT count(*) FROM products')
          if (Number(count) !== FILES * RECORDS) throw new Error(`${count} rows`)
        },
      }
      return {
        sides: [ingest, queued],
        claims: [],
        times: 1,
        conclude: ([all, each]) => {
          const of = (/** @type {import('../runner.mjs').SideResult | undefined} */ side) =>
            median(side?.runs.map(seconds.of) ?? [])
          const ms = (1000 * (of(each) - of(all))) / FILES
          return [`a file costs ${ms.toFixed(0)} ms on top of its part of one ingest (at most ${MOST_MS})`]
        },
      }
    },
  },
]

/** @param {Workbench} bench */
function work(bench) {
  return bench.measure(process.execPath, [PROGRAM, 'work', '--once', '--json', '--database-url', bench.url])
}

/** @param {Workbench} bench @param {number} index */
function makeFile(bench, index) {
  const path = bench.path(`queued-${index}.csv`)
  const lines = Array.from({ length: RECORDS }, (_, i) => {
    const record = index * RECORDS + i
    return `sku-${record},name ${record % 5000},some words of description ${record}`
  })
  writeFileSync(path, `sku,name,description\n${lines.join('\n')}\n`)
  return path
}
