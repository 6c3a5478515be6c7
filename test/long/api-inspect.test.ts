import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import type { Inspection, LoadOptions } from '../../lib/index.js'
import { makeCase } from '../csv/fuzz/case.mjs'
import { DasyError, ingest, inspect } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { hearing } from '../support/events.js'
import { failure } from '../support/failure.js'
import { file, folder, generatedProducts, realFiles } from '../support/files.js'
import { serve } from '../support/http-server.js'

/** What is said without a database is what a load into a new table does. */

/** Loads as well, and compares. */
async function compare(
  t: Test,
  db: TestDatabase,
  sources: string | string[],
  options: LoadOptions,
  label: string,
): Promise<Inspection> {
  const found = await inspect(sources, options)
  await db.run('DROP TABLE IF EXISTS loaded')
  const load = { ...options, databaseUrl: db.url, table: 'loaded', maxRejects: '100%', workers: 1 }
  const receipt = await ingest(sources, load)
  const { records: read, rejected, duplicates, keys: inserted, bytes } = found
  const { rows } = receipt
  t.same(
    { read, rejected, duplicates, inserted, bytes },
    {
      ...{ read: rows.read, rejected: rows.rejected, duplicates: rows.duplicates, inserted: rows.inserted },
      bytes: receipt.bytes,
    },
    `${label}: the receipt`,
  )
  const names = [sources].flat()
  const rejects = await db.rows<{ source: number; line: number; byte: number; reason: string }>(
    `SELECT source, line, byte, reason FROM dasy.rejects WHERE run = $1 ORDER BY source, byte LIMIT 10`,
    [receipt.run],
  )
  const said = rejects.map(({ source, line, byte, reason }) => ({ file: names[source], line, byte, reason }))
  t.same(found.rejects, said, `${label}: the first rejects`)
  const total = Object.values(found.reasons).reduce((sum, each) => sum + each, 0)
  t.equal(total, rejected, `${label}: each has a reason`)
  return found
}

/** As format_type() spells them, in short. */
const SHORT: Record<string, string> = {
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamptz',
}

/** The types are those of --infer, and empty fields and lengths those of the table. */
async function compareColumns(
  t: Test,
  db: TestDatabase,
  found: Inspection,
  path: string,
  options: LoadOptions,
) {
  await db.run('DROP TABLE IF EXISTS loaded')
  await ingest(path, {
    ...options,
    ...{ databaseUrl: db.url, table: 'loaded', maxRejects: '100%', infer: true, restart: true },
  })
  const types = await db.rows<{ name: string; type: string }>(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
      WHERE attrelid = 'loaded'::regclass AND attnum > 0 AND attname <> 'row_id'`,
  )
  const byName = new Map(types.map(({ name, type }) => [name, SHORT[type] ?? type]))
  const expected = found.columns.map(({ name }) => [name, byName.get(name)])
  t.same(
    found.columns.map(({ name, type }) => [name, type]),
    expected,
    `${path}: the types`,
  )
}

const HARD = [
  'sku,name,qty,price,day,at,id,ok,big',
  'a,"x ""y""\r\nz",1,1.5,2024-02-29,2024-01-01T10:00Z,a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,true,3000000000',
  ',no key,x,x,x,x,x,x,x',
  '"",no key either,1,1,2024-01-01,2024-01-01T10:00Z,,false,1',
  `${'k'.repeat(2601)},key too long,1,1,,,,,`,
  `${'k'.repeat(2600)},just not,2,2.50,2024-03-01,,,,`,
  '',
  'a,again,-3,,,2024-01-01 10:00+02,,True,',
  'b,stray 5" pipe,1,1,1,1,1,1,1',
  '"c"d,unescaped,1,1,1,1,1,1,1',
  'short',
  'too,many,,,,,,,,,',
  '"open,never closed,,,,,,,',
  '\\.,,,,,,,,',
  'ü,Zoë 🎁,4,0.25,2024-12-31,,,FALSE,',
  'b,not \0 text,,,,,,,',
  'last,,,,,,,,',
].join('\n')

const WAYS: Record<string, LoadOptions> = {
  plain: {},
  'two keys': { key: 'sku,name' },
  'another key': { key: 'qty' },
  'the whole record': { key: ':row' },
  'the whole record but for a column': { key: ':row', ignore: 'name' },
  'lenient quotes': { lenientQuotes: true },
  'a NULL word': { null: 'b' },
  trimmed: { trim: true },
  'a short longest record': { maxRecord: '1KiB' },
  'other names': { map: { sku: 'code' }, set: { supplier: 'acme' }, key: 'code,supplier' },
}

t.test('a hard file, read in every way', async (t) => {
  const db = await testDatabase(t)
  const path = file(t, Buffer.concat([Buffer.from(HARD), Buffer.from('\nbad,\xff,,,,,,,', 'latin1')]))
  for (const [label, options] of Object.entries(WAYS)) await compare(t, db, path, options, label)
  const found = await compare(t, db, path, { rangeSize: 1 }, 'cut everywhere')
  await compareColumns(t, db, found, path, {})
  t.match(found.columns[0], { name: 'sku', type: 'text', longest: 2600, empty: 0 })
  t.match(found.columns[1], { samples: ['x "y"\r\nz', 'just not', 'again'] })
  t.same(found.repeated, [{ key: ['a'], places: [2, 9].map((line) => ({ file: path, line })) }])
  t.match(found, { kind: 'file', dialect: { delimiter: ',', quote: '"', encoding: 'UTF-8', lineEnds: 'LF' } })
})

t.test('lines go on in quoted fields, and an empty text is another record than NULL', async (t) => {
  const db = await testDatabase(t)
  const path = file(t, 'sku,name\nx,"a\n\r\n\rb"\ny,\ny,""\ny,""\nx,z\n')
  const found = await compare(t, db, path, {}, 'clean')
  const places = (lines: number[]) => lines.map((line) => ({ file: path, line }))
  t.same(found.repeated, [
    { key: ['y'], places: places([6, 7, 8]) },
    { key: ['x'], places: places([2, 9]) },
  ])
  const whole = await compare(t, db, path, { key: ':row' }, 'whole records')
  t.match(whole, { keys: 4, repeated: [{ key: [], places: places([7, 8]) }] })
})

t.test('real files, generated ones, and those of other suites', async (t) => {
  const db = await testDatabase(t)
  const real: [string, LoadOptions][] = [
    [realFiles.products, {}],
    [realFiles.titles, { key: 'title' }],
    [generatedProducts(t, 5000), { key: 'name' }],
  ]
  for (const [path, options] of real) {
    await compareColumns(t, db, await compare(t, db, path, options, path), path, options)
  }
  const spectrum = join(dirname(createRequire(import.meta.url).resolve('csv-spectrum')), 'csvs')
  for (const name of readdirSync(spectrum)) {
    await compare(t, db, join(spectrum, name), { key: ':row', restart: true }, name)
  }
})

t.test('damaged files', async (t) => {
  const db = await testDatabase(t)
  for (let number = 0; number < 12; number += 1) {
    const { key, damaged, rangeSize } = makeCase(5, number)
    const path = file(t, damaged.bytes)
    const options = { key, delimiter: ',', quote: '"', escape: '"', rangeSize }
    const refused = await inspect(path, options).then(
      () => undefined,
      (error) => error,
    )
    if (refused) {
      const { code } = await failure(t, ingest(path, { ...options, databaseUrl: db.url, table: 'loaded' }))
      t.equal(refused.code, code, `file ${number}: refused alike`)
    } else {
      await compare(t, db, path, options, `file ${number}`)
    }
  }
})

t.test('the same from anywhere', async (t) => {
  const db = await testDatabase(t)
  const where = folder(t)
  const content = Buffer.from(`${HARD}\nlong,${'z'.repeat(90_000)},,,,,,,\nb,,,,,,,,\nb,,,,,,,,\n`)
  const plain = await inspect(file(t, content), { maxRecord: '80kB' })
  const server = await serve(t, gzipSync(content))
  const packed = file(t, gzipSync(content), 'a.csv.gz')
  const wide = file(t, Buffer.from(`\ufeff${content}`, 'utf16le'))
  for (const [path, kind] of [
    [packed, 'file gzip'],
    [server.url, /^http.* gzip/],
    [wide, /UTF-16/],
  ] as const) {
    const found = await compare(t, db, path, { maxRecord: '80kB', rangeSize: 3000 }, path)
    t.match(found, { kind, reasons: plain.reasons, columns: plain.columns, keys: plain.keys })
  }
  const names = ['1.csv', '2.csv', '3.csv'].map((name) => join(where, name))
  const [one, two, three] = names as [string, string, string]
  writeFileSync(one, 'sku,name\n1,a\n,b\n')
  writeFileSync(two, 'sku,name\n')
  writeFileSync(three, 'NAME;sku\r\nx;2\r\ny;1\r\nz\r\n')
  const found = await compare(t, db, names, {}, 'several')
  t.same(found.repeated, [
    {
      key: ['1'],
      places: [
        { file: one, line: 2 },
        { file: three, line: 3 },
      ],
    },
  ])
  t.match(found.dialect, [{ lineEnds: 'LF' }, { lineEnds: null }, { delimiter: ';', lineEnds: 'CRLF' }])
})

t.test('encodings are decoded without a server', async (t) => {
  const db = await testDatabase(t)
  const path = file(t, Buffer.from('sku,name\né,ü\né,ö\nà,"x\ny"\n', 'latin1'))
  for (const encoding of ['LATIN1', 'WIN1252', 'ALT', 'KOI8', 'UHC', 'CP437']) {
    const found = await inspect(path, { encoding })
    await db.run('DROP TABLE IF EXISTS loaded')
    const load = { encoding, databaseUrl: db.url, table: 'loaded', maxRejects: '100%' }
    const { rows } = await ingest(path, load)
    t.same([found.records, found.rejected, found.keys], [rows.read, rows.rejected, rows.inserted], encoding)
  }
  for (const encoding of ['utf-8', 'Unicode']) {
    t.equal((await inspect(path, { encoding })).rejected, 3, `${encoding} is what it is not in`)
  }
  const { code, details } = await failure(t, inspect(path, { encoding: 'JOHAB' }))
  t.match({ code, details }, { code: 'BAD_OPTION', details: { option: '--encoding' } })
})

t.test('no key is judged where there is not the usual one, and another must be there', async (t) => {
  const path = file(t, 'id,name\n1,a\n1,b\n')
  const found = await inspect(path)
  t.match(found, {
    records: 2,
    key: null,
    keys: null,
    duplicates: null,
    rejected: 0,
    notes: [/"sku".*--key/],
  })
  const { code } = await failure(t, inspect(path, { key: 'sku' }))
  t.equal(code, 'KEY_COLUMN_MISSING')
  t.match(await inspect(path, { key: 'ID' }), { key: ['ID'], keys: 1, duplicates: 1 })
})

t.test('an inspection ends when it is told to', async (t) => {
  const path = generatedProducts(t, 20_000)
  const controller = new AbortController()
  const onEvent = hearing({ advanced: () => controller.abort() })
  const error = await inspect(path, { rangeSize: 1000, onEvent, signal: controller.signal }).catch(
    (each) => each,
  )
  t.ok(error instanceof DasyError)
  t.match(error, { code: 'INTERRUPTED', exitStatus: 130 })
})

t.test('progress tells every byte and every record', async (t) => {
  const path = realFiles.titles
  const told = { phase: '', total: 0, bytes: 0, records: 0 }
  await inspect(path, {
    onEvent: hearing({
      phase: (phase, total = 0) => void Object.assign(told, { phase, total }),
      advanced: (bytes, records) => {
        told.bytes += bytes
        told.records += records
      },
    }),
  })
  const { length } = readFileSync(path)
  t.match(told, { phase: 'inspect', total: length, records: 5000 })
  t.ok(told.bytes <= length && told.bytes > length * 0.99, 'all but the header')
})
