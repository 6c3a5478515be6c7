#!/usr/bin/env node
// A program by somebody who knows COPY: pg-copy-streams into a staging table, and one upsert from there. It counts
// nothing, so it does less than dasy.
//
//   node bench/peers/copy-streams-upsert.mjs URL FILE.csv
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from } from 'pg-copy-streams'

const STAGING = `
  CREATE TEMP TABLE staging (n bigint GENERATED ALWAYS AS IDENTITY, name text, sku text, description text)
  ON COMMIT DROP`
const COPY = 'COPY staging (name, sku, description) FROM STDIN (FORMAT csv, HEADER)'
const UPSERT = `
  INSERT INTO rival (sku, name, description)
  SELECT DISTINCT ON (sku) sku, name, description FROM staging ORDER BY sku, n DESC
      ON CONFLICT (sku) DO UPDATE SET name = excluded.name, description = excluded.description`

const [url, file] = /** @type {[string, string]} */ (process.argv.slice(2))
const client = new pg.Client(url)
await client.connect()
await client.query('BEGIN')
await client.query(STAGING)
await pipeline(createReadStream(file), client.query(from(COPY)))
await client.query(UPSERT)
await client.query('COMMIT')
await client.end()
