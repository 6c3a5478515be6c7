#!/usr/bin/env node
// Side by side, in one run and on one server: dasy's whole job (deduplicate, merge, count by name) against what an
// expert would do by hand with a file that somebody has deduplicated already: psql's \copy into a table with the
// same primary key. Whole processes from the shell, alternating; medians, and dasy as a ratio to psql.
//
//   node bench/ingest.mjs [--rows 500000] [--times 5] [--workers 2] [--url postgresql://…]
//
// Without --url it starts an embedded server of its own in a temporary folder and removes it afterwards.
import { createWriteStream } from 'node:fs'
import { availableParallelism } from 'node:os'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import copyStreams from 'pg-copy-streams'
import { median, report, Workbench } from './workbench.mjs'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '500000' },
    times: { type: 'string', default: '5' },
    workers: { type: 'string', default: String(availableParallelism()) },
    url: { type: 'string' },
  },
})
const { rows, times, workers } = values
const bench = await Workbench.open(values.url)
const deduplicated = bench.path('deduplicated.csv')
const ingest = (/** @type {string} */ file) => bench.dasy('ingest', file, '--workers', workers)
const psql = () =>
  bench.run('psql', ['-qX', '-d', bench.url, '-c', `\\copy keyed FROM '${deduplicated}' (FORMAT csv)`])

async function deduplicate() {
  const client = new pg.Client(bench.url)
  await client.connect()
  const copy = 'COPY (SELECT sku, name, description FROM products) TO STDOUT (FORMAT csv)'
  await pipeline(client.query(copyStreams.to(copy)), createWriteStream(deduplicated))
  await client.end()
}

/** @type {Record<string, import('./workbench.mjs').Measured[]>} */
const results = { 'psql \\copy, deduplicated': [], 'dasy ingest': [], 'dasy ingest, again': [] }
/** @type {Record<string, number>[]} */
const phases = []
try {
  const file = bench.makeProducts('products.csv', '--records', rows)
  await bench.sql('DROP TABLE IF EXISTS products, products_agg')
  ingest(file)
  await deduplicate()
  for (let time = 0; time < Number(times); time++) {
    await bench.sql(
      'DROP TABLE IF EXISTS keyed; CREATE TABLE keyed (sku text PRIMARY KEY, name text, description text)',
    )
    await bench.sql('CHECKPOINT')
    results['psql \\copy, deduplicated']?.push(psql())
    await bench.sql('DROP TABLE keyed, products, products_agg')
    await bench.sql('CHECKPOINT')
    const first = ingest(file)
    phases.push(JSON.parse(first.stdout).seconds)
    results['dasy ingest']?.push(first)
    results['dasy ingest, again']?.push(ingest(file))
  }
} finally {
  await bench.close()
}

console.log(`${rows} records, medians of ${times}, ${workers} workers`)
report(results)
const names = ['plan', 'copy', 'merge', 'aggregate']
console.log(
  `phases of "dasy ingest": ${names.map((name) => `${name} ${median(phases.map((each) => each[name] ?? 0)).toFixed(2)} s`).join(', ')}`,
)
