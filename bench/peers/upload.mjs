#!/usr/bin/env node
// Sends a file to `dasy serve`, and waits for the receipt, which it prints.
//
//   node bench/peers/upload.mjs URL TOKEN FILE.csv
import { createReadStream, statSync } from 'node:fs'
import { request } from 'node:http'
import { basename } from 'node:path'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'

const [url, token, file] = /** @type {[string, string, string]} */ (process.argv.slice(2))
const options = new URLSearchParams({
  name: basename(file),
  table: 'products',
  history: 'false',
  wait: 'true',
})
const headers = {
  authorization: `Bearer ${token}`,
  'content-type': 'text/csv',
  'content-length': statSync(file).size,
}
const sent = request(`${url}/v1/runs?${options}`, { method: 'POST', headers })
const answered = new Promise((resolve, reject) => sent.on('response', resolve).on('error', reject))
await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), sent)
const response = /** @type {import('node:http').IncomingMessage} */ (await answered)
const body = await text(response)
if (response.statusCode !== 200) throw new Error(`${response.statusCode}: ${body}`)
process.stdout.write(body)
