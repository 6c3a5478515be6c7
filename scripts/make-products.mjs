#!/usr/bin/env node
// Makes product files of any size with the statistics of the original one; see the help text below. The same
// arguments make the same bytes, on any machine.
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { parseArgs } from 'node:util'
import { productChunks } from './products/chunks.mjs'

const MAX_RECORDS = 1_000_000_000

const HELP = `Usage: node scripts/make-products.mjs --records <n> [options]

Makes a CSV file of products (name,sku,description) to try dasy out with. The same
arguments always make the same bytes.

  --records <n>      how many records: 1 to ${MAX_RECORDS.toLocaleString('en')} (required)
  --out <file>       where to write; "-" or nothing: standard output
  --seed <n>         another number, another file: 0 to 4,294,967,295 (default 1)

For a file to update the first one with, give the same --records and --seed and

  --changed <p>      this percentage of the records gets another description; name, sku
                     and order stay (0 to 100, default 0)
  --first <n>        stop after n records

  --help             show this help
`

class UsageError extends Error {}

/**
 * @param {string} flag
 * @param {string} text
 * @param {number} min
 * @param {number} max
 */
function wholeNumber(flag, text, min, max) {
  const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (number >= min && number <= max) return number
  throw new UsageError(`--${flag} must be a whole number from ${min} to ${max}, not "${text}"`)
}

/** @param {string} text */
function percentage(text) {
  const number = /^\d+(\.\d+)?%?$/.test(text) ? Number.parseFloat(text) : Number.NaN
  if (number <= 100) return number
  throw new UsageError(`--changed must be a percentage from 0 to 100, not "${text}"`)
}

/** Undefined: the user asked for help. */
function readArguments() {
  const { values } = parseArgs({
    options: {
      records: { type: 'string' },
      out: { type: 'string', default: '-' },
      seed: { type: 'string', default: '1' },
      changed: { type: 'string', default: '0' },
      first: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) return undefined
  if (values.records === undefined) throw new UsageError('--records is missing')
  if (values.out === '') throw new UsageError('--out must be a file name or "-"')
  const records = wholeNumber('records', values.records, 1, MAX_RECORDS)
  return {
    out: values.out,
    records,
    seed: wholeNumber('seed', values.seed, 0, 2 ** 32 - 1),
    changed: percentage(values.changed),
    first: values.first === undefined ? records : wholeNumber('first', values.first, 1, records),
  }
}

/**
 * @param {NodeJS.WritableStream} output
 * @param {Uint8Array} chunk
 * @returns {Promise<void>}
 */
function write(output, chunk) {
  return new Promise((resolve, reject) => {
    output.write(chunk, (error) => (error ? reject(error) : resolve()))
  })
}

/** @param {NonNullable<ReturnType<typeof readArguments>>} options */
async function makeFile({ out, ...options }) {
  const output = out === '-' ? process.stdout : createWriteStream(out)
  // write() reports errors; without a listener the same error would also end the process with a stack trace.
  output.on('error', () => {})
  let written = Promise.resolve()
  for (const chunk of productChunks(options)) {
    await written
    written = write(output, chunk)
  }
  await written
  if (output !== process.stdout) {
    output.end()
    await once(output, 'close')
  }
}

try {
  const options = readArguments()
  if (options) await makeFile(options)
  else process.stdout.write(HELP)
} catch (error) {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (error)
  if (error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS')) {
    process.stderr.write(`make-products: ${message}\nTry --help.\n`)
    process.exitCode = 2
  } else if (code !== 'EPIPE') {
    // EPIPE: the reader of the output has closed it ("| head"). That is no failure.
    process.stderr.write(`make-products: ${message}\n`)
    process.exitCode = 1
  }
}
