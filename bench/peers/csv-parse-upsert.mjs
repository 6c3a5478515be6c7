#!/usr/bin/env node
// A program as it is often written: csv-parse, and an upsert of 1,000 rows a statement, in one transaction. It counts
// nothing, so it does less than dasy.
//
//   node bench/peers/csv-parse-upsert.mjs URL FILE.csv
import { createReadStream } from 'node:fs'
import { parse } from 'csv-parse'
import pg from 'pg'

const ROWS = 1000
const UPSERT = `
  INSERT INTO rival (sku, name, description)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
      ON CONFLICT (sku) DO UPDATE SET name = excluded.name, description = excluded.description`

/** @typedef {{ sku: string, name: string, description: string }} Product */

const [url, file] = /** @type {[string, string]} */ (process.argv.slice(2))
const client = new pg.Client(url)
/** One statement may not touch a row twice, so the last record of a key replaces those before it. @type {Map<string, Product>} */
const batch = new Map()

async function flush() {
  const rows = [...batch.values()]
  batch.clear()
  const columns = [
    rows.map((row) => row.sku),
    rows.map((row) => row.name),
    rows.map((row) => row.description),
  ]
  await client.query({ name: 'upsert', text: UPSERT, values: columns })
}

await client.connect()
await client.query('BEGIN')
for await (const product of createReadStream(file).pipe(parse({ columns: true }))) {
  batch.set(product.sku, product)
  if (batch.size === ROWS) await flush()
}
await flush()
await client.query('COMMIT')
await client.end()
