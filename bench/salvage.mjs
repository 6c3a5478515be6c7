#!/usr/bin/env node
// What bad records cost: the same file clean and with some of its records damaged, alternating, on one server. Medians
// of whole processes, and as a ratio to the clean file. A quarter of the damage each: a field too many (which only COPY
// sees), a stray quote, a NUL byte, a byte that is not UTF-8.
//
//   node bench/salvage.mjs [--rows 500000] [--times 5] [--bad 10,1000,50000] [--url postgresql://…]
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { scan } from '../dist/csv/scan.js'
import { report, Workbench } from './workbench.mjs'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '500000' },
    times: { type: 'string', default: '5' },
    bad: { type: 'string', default: '10,1000,50000' },
    url: { type: 'string' },
  },
})

const OPTIONS = { dialect: { delimiter: 0x2c, quote: 0x22 }, maxRecord: 1 << 26, final: true }
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

const bench = await Workbench.open(values.url)
/** @type {Record<string, import('./workbench.mjs').Measured[]>} */
const results = {}
try {
  const clean = bench.makeProducts('clean.csv', '--records', values.rows)
  const bytes = readFileSync(clean)
  const starts = recordStarts(bytes)
  const files = new Map([['clean', clean]])
  for (const bad of values.bad.split(',')) {
    const file = bench.path(`bad-${bad}.csv`)
    writeFileSync(file, damage(bytes, starts, Number(bad)))
    files.set(`${bad} bad records`, file)
  }
  for (let time = 0; time < Number(values.times); time++) {
    for (const [name, file] of files) {
      await bench.sql('DROP TABLE IF EXISTS products, products_agg')
      await bench.sql('CHECKPOINT')
      const measured = bench.dasy('ingest', file, '--max-rejects', '100%')
      const { rejected } = JSON.parse(measured.stdout).rows
      if (name !== 'clean' && rejected !== Number.parseInt(name, 10))
        throw new Error(`${name}: ${rejected} rejected`)
      results[name] = [...(results[name] ?? []), measured]
    }
  }
} finally {
  await bench.close()
}
console.log(`${values.rows} records, medians of ${values.times}`)
report(results)
