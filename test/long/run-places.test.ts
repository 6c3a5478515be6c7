/** Where in its sources each change of a run is: against the bytes of the sources. */
import { appendFileSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import type { Change, KeyChange } from '../../lib/contract/change.js'
import { apply, blame, changes, ingest, plan } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { file } from '../support/files.js'
import { pipeOf } from '../support/pipe.js'

const RECORDS = 4000

/** Records of one, two or three lines; every seventh key changes. A bad record and a blank line are among them. */
function content(isChanged: boolean, { crlf = false } = {}): string {
  const end = crlf ? '\r\n' : '\n'
  const lines = Array.from({ length: RECORDS }, (_, n) => {
    const name = isChanged && n % 7 === 0 ? 'new' : 'old'
    const more = n % 3 === 0 ? `${end}"` : `"`
    const record = `k${n},"${name} ""${'x'.repeat(n % 40)}""${more},${n % 5 === 0 ? `"a${end}b"` : 'z'}`
    return isChanged && n === 1400 ? `bad,record,with,fields${end}${end}${record}` : record
  })
  return [`sku,name,description`, ...lines, ''].join(end)
}

async function all<Each>(found: AsyncIterable<Each>): Promise<Each[]> {
  const list: Each[] = []
  for await (const each of found) list.push(each)
  return list
}

/** Each change must be where a record with its key begins. */
function assertPlaces(t: Test, found: readonly Change[], sources: Record<string, string>, hasLines = true) {
  const wrong = found.filter(({ key, source, byte, line }) => {
    const text = sources[source ?? '']
    if (text === undefined || byte === null) return true
    const wantedLine = text.slice(0, byte).split('\n').length
    return !text.slice(byte).startsWith(`${key.sku},"new`) || line !== (hasLines ? wantedLine : null)
  })
  t.same(wrong.slice(0, 3), [])
}

const CHANGED = Math.ceil(RECORDS / 7)

for (const crlf of [false, true]) {
  t.test(`of a file in many ranges, line ends ${crlf ? 'CRLF' : 'LF'}`, async (t) => {
    const db = await testDatabase(t)
    const options = { databaseUrl: db.url, maxRejects: 5, workers: 2 }
    await ingest(file(t, content(false, { crlf })), options)
    const text = content(true, { crlf })
    const path = file(t, text, 'second.csv')
    const { run } = await ingest(path, { ...options, rangeSize: 1000 })
    t.ok((await db.value<number>('SELECT count(*) FROM dasy.change_ranges')) > 50)
    const found = await all(changes(run, { databaseUrl: db.url }))
    t.equal(found.length, CHANGED)
    assertPlaces(t, found, { [path]: text })
    const [newest] = (await all(blame('products', 'k3500', { databaseUrl: db.url }))) as KeyChange[]
    t.match(newest, { run, op: 'update', source: path })
    t.ok(text.slice(newest?.byte ?? 0).startsWith('k3500,'))

    appendFileSync(path, `more,x,y\n`)
    assertPlaces(t, await all(changes(run, { databaseUrl: db.url })), { [path]: text }, false)
    renameSync(path, `${path}.moved`)
    assertPlaces(t, await all(changes(run, { databaseUrl: db.url })), { [path]: text }, false)
  })
}

t.test('of streams, whose offsets are stored when they are staged', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url, maxRejects: 5, workers: 1 }
  await ingest(file(t, content(false)), options)
  const text = content(true)
  const pipe = pipeOf(t, text)
  const piped = await ingest(pipe, { ...options, rangeSize: 1000 })
  assertPlaces(t, await all(changes(piped.run, { databaseUrl: db.url })), { [pipe]: text }, false)

  await ingest(file(t, content(false)), options)
  const packed = file(t, gzipSync(text), 'packed.csv.gz')
  const { run } = await ingest(packed, { ...options, rangeSize: 1000 })
  const found = await all(changes(run, { databaseUrl: db.url }))
  t.equal(found.length, CHANGED)
  assertPlaces(t, found, { [packed]: text })
})

t.test('of several sources', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url, maxRejects: 5 }
  await ingest(file(t, content(false)), options)
  const text = content(true)
  const [header = ''] = text.split('\n')
  const middle = text.indexOf('\nk2000,') + 1
  const parts = [text.slice(0, middle), `${header}\n${text.slice(middle)}`]
  const paths = parts.map((part, index) => file(t, part, `part${index}.csv`))
  const { run } = await ingest(paths, options)
  const sources = Object.fromEntries(paths.map((path, index) => [path, parts[index] as string]))
  assertPlaces(t, await all(changes(run, { databaseUrl: db.url })), sources)
})

t.test('nothing is kept of a first load and of an unchanged file, nor without history', async (t) => {
  const db = await testDatabase(t)
  const path = file(t, content(false))
  const kept = () => db.value('SELECT count(*) FROM dasy.change_ranges')
  await ingest(path, { databaseUrl: db.url })
  t.equal(await kept(), 0)
  await ingest(path, { databaseUrl: db.url })
  t.equal(await kept(), 0)
  await ingest(file(t, content(true)), { databaseUrl: db.url, maxRejects: 1, history: false })
  t.equal(await kept(), 0)
})

t.test('a file that is gone when its records are published', async (t) => {
  const db = await testDatabase(t)
  await ingest(file(t, content(false)), { databaseUrl: db.url })
  const path = file(t, content(true))
  const before = file(t, `SELECT 1`, 'before.sql')
  t.ok(readFileSync(before))
  const { run, rows } = await ingest(path, {
    databaseUrl: db.url,
    maxRejects: 1,
    // It is removed after it was read completely.
    onEvent: (event) =>
      event.type === 'step' && event.step === 'writing rows' && rmSync(path, { force: true }),
  })
  t.equal(rows.updated, CHANGED)
  const [first] = await all(changes(run, { databaseUrl: db.url, limit: 1 }))
  t.match(first, { op: 'update', source: path, byte: null, line: null })
})

for (const [what, prepare] of [
  ['by comparing', ''],
  ['by a trial', 'ALTER TABLE products ADD CHECK (length(name) < 1000)'],
] as const) {
  t.test(`of a plan ${what}, and of what it has become`, async (t) => {
    const db = await testDatabase(t)
    const options = { databaseUrl: db.url, maxRejects: 5 }
    await ingest(file(t, content(false)), options)
    await db.run(prepare)
    const text = content(true)
    const path = file(t, text)
    const { run } = await plan(path, options)
    assertPlaces(t, await all(changes(run, { databaseUrl: db.url })), { [path]: text })
    rmSync(path)
    await apply(run, { databaseUrl: db.url })
    const found = await all(changes(run, { databaseUrl: db.url }))
    t.equal(found.length, CHANGED)
    assertPlaces(t, found, { [path]: text }, false)
  })
}
