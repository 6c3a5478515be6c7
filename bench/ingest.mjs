#!/usr/bin/env node
// Side by side, in one run and on one server: dasy's whole job (deduplicate, merge, count by name) against what an
// expert would do by hand with a file that somebody has deduplicated already: psql's \copy into a table with the
// same primary key. Whole processes from the shell, alternating; medians, and dasy as a ratio to psql.
//
//   node bench/ingest.mjs [--rows 500000] [--times 5] [--workers 2] [--url postgresql://…]
//
// Without --url it starts an embedded server of its own in a temporary folder and removes it afterwards.
import { spawnSync } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import pg from 'pg'
import copyStreams from 'pg-copy-streams'
import { EmbeddedServer } from '../dist/db/embedded/server.js'

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '500000' },
    times: { type: 'string', default: '5' },
    workers: { type: 'string', default: String(availableParallelism()) },
    url: { type: 'string' },
  },
})
const root = fileURLToPath(new URL('..', import.meta.url))
const folder = await mkdtemp(join(tmpdir(), 'dasy-bench-'))
const file = join(folder, 'products.csv')
const deduplicated = join(folder, 'deduplicated.csv')
const server = values.url ? undefined : new EmbeddedServer({ home: join(folder, 'home') })
await server?.keep()
const url = values.url ?? (await server?.url()) ?? ''

/** @param {string} command @param {string[]} args */
function run(command, args) {
  const began = performance.now()
  const { status, stderr, stdout } = spawnSync('/usr/bin/time', ['-f', '%M', command, ...args], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`)
  const kilobytes = Number(stderr.trim().split('\n').at(-1))
  return { seconds: (performance.now() - began) / 1000, megabytes: kilobytes / 1024, stdout }
}

/** @param {string} text */
async function sql(text) {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(text)
  await client.end()
}

const dasy = (/** @type {string} */ command) =>
  run(process.execPath, [
    join(root, 'bin/dasy.js'),
    command,
    file,
    '--database-url',
    url,
    '--json',
    '--quiet',
    '--workers',
    values.workers ?? '',
  ])
const psql = () => run('psql', ['-qX', '-d', url, '-c', `\\copy keyed FROM '${deduplicated}' (FORMAT csv)`])

async function deduplicate() {
  const client = new pg.Client(url)
  await client.connect()
  const rows = client.query(
    copyStreams.to('COPY (SELECT sku, name, description FROM products) TO STDOUT (FORMAT csv)'),
  )
  await pipeline(rows, createWriteStream(deduplicated))
  await client.end()
}

/** @param {number[]} numbers */
function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN
}

/** @type {Record<string, {seconds: number, megabytes: number}[]>} */
const results = { 'psql \\copy, deduplicated': [], 'dasy ingest': [], 'dasy ingest, again': [] }
/** @type {Record<string, number>[]} */
const phases = []
try {
  run(process.execPath, [join(root, 'scripts/make-products.mjs'), '--records', values.rows, '--out', file])
  await sql('DROP TABLE IF EXISTS products, products_agg')
  dasy('ingest')
  await deduplicate()
  for (let time = 0; time < Number(values.times); time++) {
    await sql(
      'DROP TABLE IF EXISTS keyed; CREATE TABLE keyed (sku text PRIMARY KEY, name text, description text)',
    )
    await sql('CHECKPOINT')
    results['psql \\copy, deduplicated']?.push(psql())
    await sql('DROP TABLE keyed, products, products_agg')
    await sql('CHECKPOINT')
    const first = dasy('ingest')
    phases.push(JSON.parse(first.stdout).seconds)
    results['dasy ingest']?.push(first)
    results['dasy ingest, again']?.push(dasy('ingest'))
  }
} finally {
  await server?.destroy()
  await rm(folder, { recursive: true, force: true })
}

const base = median((results['psql \\copy, deduplicated'] ?? []).map(({ seconds }) => seconds))
console.log(`${values.rows} records, medians of ${values.times}, ${values.workers} workers`)
for (const [name, runs] of Object.entries(results)) {
  const seconds = median(runs.map((each) => each.seconds))
  const memory = median(runs.map((each) => each.megabytes))
  console.log(
    `${name.padEnd(26)} ${seconds.toFixed(2).padStart(7)} s  ${(seconds / base).toFixed(2)} x  ${memory.toFixed(0).padStart(4)} MB resident`,
  )
}
const names = ['plan', 'copy', 'merge', 'aggregate']
console.log(
  `phases of "dasy ingest": ${names.map((name) => `${name} ${median(phases.map((each) => each[name] ?? 0)).toFixed(2)} s`).join(', ')}`,
)
