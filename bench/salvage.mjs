#!/usr/bin/env node
// What bad records cost: the same file clean and with some of its records damaged, alternating, on one server. Medians
// of whole processes, and as a ratio to the clean file. A quarter of the damage each: a field too many (which only COPY
// sees), a stray quote, a NUL byte, a byte that is not UTF-8.
//
//   node bench/salvage.mjs [--records 500000] [--times 5] [--bad 10,1000,50000] [--url postgresql://…]
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { scan } from '../dist/csv/scan.js'
import { median, seconds } from './figures.mjs'
import { caseTable } from './report.mjs'
import { runCase } from './runner.mjs'
import { demandReceipt } from './truth.mjs'
import { Workbench } from './workbench.mjs'

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '500000' },
    times: { type: 'string', default: '5' },
    bad: { type: 'string', default: '10,1000,50000' },
    url: { type: 'string' },
  },
})

const OPTIONS = {
  dialect: { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false },
  maxRecord: 1 << 26,
  final: true,
}
const DAMAGES = [Buffer.from('x,'), Buffer.from('x"'), Buffer.from([0]), Buffer.from([0xff])]

/** Bytes at which the data records begin. @param {Buffer} bytes */
function recordStarts(bytes) {
  const starts = []
  let state = { offset: 0, line: 1 }
  while (state.offset < bytes.length) {
    state = scan(bytes.subarray(state.offset), state, { ...OPTIONS, stopAt: state.offset + 1 }).state
    starts.push(state.offset)
  }
  return starts.slice(0, -1)
}

/** Damages so many records, evenly spread. @param {Buffer} bytes @param {number[]} starts @param {number} count */
function damage(bytes, starts, count) {
  const parts = []
  let from = 0
  for (let bad = 0; bad < count; bad++) {
    const at = starts[Math.floor((bad + 0.5) * (starts.length / count))] ?? 0
    parts.push(bytes.subarray(from, at), DAMAGES[bad % DAMAGES.length] ?? Buffer.alloc(0))
    from = at
  }
  return Buffer.concat([...parts, bytes.subarray(from)])
}

/** @param {Workbench} bench @returns {Promise<import('./runner.mjs').Plan>} */
async function plan(bench) {
  const clean = await bench.files.products({ records: Number(values.records) })
  const bytes = readFileSync(clean.path)
  const starts = recordStarts(bytes)
  const files = new Map([[0, clean.path]])
  for (const bad of values.bad.split(',').map(Number)) {
    files.set(bad, bench.path(`bad-${bad}.csv`))
    writeFileSync(bench.path(`bad-${bad}.csv`), damage(bytes, starts, bad))
  }
  const sides = [...files].map(([rejected, file]) => ({
    name: `${rejected} bad records`,
    prepare: () => bench.empty(),
    run: async () => {
      const load = await bench.dasy('ingest', file, '--max-rejects', '100%')
      demandReceipt(load, { rejected })
      return load
    },
  }))
  return { sides, claims: [], conclude: ratios }
}

/** @param {import('./runner.mjs').SideResult[]} sides */
function ratios(sides) {
  const [clean = Number.NaN, ...damaged] = sides.map(({ runs }) => median(runs.map(seconds.of)))
  return [`as a ratio to the clean file: ${damaged.map((each) => (each / clean).toFixed(2)).join(', ')}`]
}

const bench = await Workbench.open(values.url)
try {
  const [records, times] = [Number(values.records), Number(values.times)]
  const scale = { records, large: records * 10, times, workers: '', load: 0 }
  console.log(caseTable(await runCase({ name: 'salvage', what: `${records} records`, plan }, bench, scale)))
} finally {
  await bench.close()
}
