// What the service costs: an upload against the command line, a row against the driver alone, and doing nothing.
import { writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { memory, seconds, work } from '../figures.mjs'
import { startService } from '../servers/service.mjs'
import { demandProducts, ingest } from '../sides.mjs'
import { demandReceipt } from '../truth.mjs'

const UPLOAD = fileURLToPath(new URL('../peers/upload.mjs', import.meta.url))
const LOOK_UPS = fileURLToPath(new URL('../peers/look-ups.mjs', import.meta.url))
const KEYS = 5000
/** Until what starts with the service has ended. */
const IDLE_MS = 5000

/** @type {import('../runner.mjs').Case[]} */
export default [
  {
    name: 'service-upload',
    what: 'the file through HTTP, to the receipt, against ingest',
    async plan(bench, { records, workers }) {
      const file = await bench.files.products({ records })
      const service = await startService(bench)
      const plain = ingest(bench, file, workers)
      const upload = {
        name: 'upload to dasy serve',
        prepare: () => bench.empty(),
        run: async () => {
          const ran = await bench.measure(process.execPath, [UPLOAD, service.url, service.token, file.path])
          const load = { ...ran, receipt: JSON.parse(ran.stdout) }
          demandReceipt(load, { read: file.records, rejected: 0, updated: 0 })
          return load
        },
        verify: () => demandProducts(bench, file),
      }
      return {
        sides: [plain, upload],
        claims: [{ of: upload.name, to: plain.name, figure: seconds, must: 1.2 }],
        close: () => service.close(),
      }
    },
  },
  {
    name: 'service-row',
    what: `${KEYS} rows by their keys, 50 at a time: GET against pg alone`,
    async plan(bench, { records }) {
      const file = await bench.files.products({ records })
      await bench.hold(file)
      const keys = bench.path('keys.txt')
      const found = await bench.sql(`SELECT sku FROM products ORDER BY md5(sku) LIMIT ${KEYS}`)
      writeFileSync(keys, found.map(({ sku }) => sku).join('\n'))
      const service = await startService(bench, '--no-work')
      const side = (/** @type {string} */ name, /** @type {string[]} */ ...args) => ({
        name,
        run: async () => {
          const ran = await bench.measure(process.execPath, [LOOK_UPS, ...args])
          return { ...ran, work: Number(ran.stdout) }
        },
      })
      return {
        sides: [
          side('pg', 'pg', bench.url, keys),
          side('GET of dasy serve', 'http', service.url, keys, service.token),
        ],
        claims: [{ of: 'GET of dasy serve', to: 'pg', figure: work, must: 3 }],
        close: () => service.close(),
      }
    },
  },
  {
    name: 'service-idle',
    what: 'resident memory of a service that has nothing to do',
    async plan(bench) {
      const run = async () => {
        const service = await startService(bench)
        await pause(IDLE_MS)
        const megabytes = service.memory()
        service.close()
        const nothing = { processor: Number.NaN, faults: Number.NaN }
        return { seconds: IDLE_MS / 1000, megabytes, client: nothing, server: nothing, stdout: '' }
      }
      return {
        sides: [{ name: 'dasy serve', run }],
        claims: [{ of: 'dasy serve', figure: memory, must: 150 }],
        times: 3,
      }
    },
  },
]
