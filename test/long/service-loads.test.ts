import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { Served } from '../service/served.js'

const CSV = 'sku,name\na,Ann\nb,Bob\n'

interface Receipt {
  readonly run: number
  readonly status: string
  readonly rows: Record<string, number>
}

/** The files of clients that are still there, once those are gone that must go. */
async function filesLeft(served: Served, expected: number): Promise<string[]> {
  const folder = join(served.home, 'uploads')
  for (let tries = 0; ; tries++) {
    const files = readdirSync(folder)
    if (files.length === expected || tries === 300) return files
    await sleep(100)
  }
}

function formOf(text: string, field = 'file', name = 'goods.csv'): FormData {
  const form = new FormData()
  form.set(field, new File([text], name, { type: 'text/csv' }))
  return form
}

t.test('a file is loaded as the body, or as a part of a form, and is removed then', async (t) => {
  const served = await Served.of(t)
  const { db } = served
  const response = await served.fetch('POST', '/v1/runs?name=goods.csv', { body: CSV })
  t.equal(response.status, 202)
  t.equal(response.headers.get('location'), '/v1/runs/1')
  t.same(await response.json(), { run: 1, status: 'queued' })

  const gzip = { body: gzipSync('sku,name\nc,Cid\n'), headers: { 'content-type': 'application/gzip' } }
  const second = await served.json<Receipt>('POST', '/v1/runs?wait=true', gzip)
  t.match(second, { run: 2, status: 'completed', source: 'upload', rows: { inserted: 1 } })
  t.match(await served.json('GET', '/v1/runs/1'), { status: 'completed', source: 'goods.csv' })

  const form = await served.json('POST', '/v1/runs?wait=true', { body: formOf('sku,name\nd,Dan\n') })
  t.match(form, { run: 3, status: 'completed', source: 'goods.csv', rows: { inserted: 1 } })
  // curl's default for --data-binary.
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  t.match(await served.json('POST', '/v1/runs?wait=true', { body: CSV, headers }), { rows: { unchanged: 2 } })
  const text = { body: CSV, headers: { 'content-type': 'text/plain' } }
  t.match(await served.json('POST', '/v1/runs?wait=true', text), { rows: { unchanged: 2 } })
  t.equal(await db.value('SELECT count(*) FROM products'), 4)
  t.same(await filesLeft(served, 0), [])
})

t.test('the options of a load, in the query and in JSON', async (t) => {
  const served = await Served.of(t)
  const load = (query: string, body: string) =>
    served.json<Receipt>('POST', `/v1/runs?wait=true&${query}`, { body })
  await load(
    'table=notes&key=id,lang&delimiter=;&map=Text=note&set=origin=web&types=n:int',
    'id;lang;Text;n\n1;de;x;7\n',
  )
  t.same(await served.db.rows('SELECT id, lang, note, n, origin FROM notes'), [
    { id: '1', lang: 'de', note: 'x', n: 7, origin: 'web' },
  ])
  const columns = 'table=plain&key=id&header=false&columns=id&columns=a&skipLines=1&trim=true&null=NULL'
  await load(columns, 'skipped\n1, x \n2,NULL\n')
  t.same(await served.db.rows('SELECT id, a FROM plain ORDER BY 1'), [
    { id: '1', a: 'x' },
    { id: '2', a: null },
  ])
  const rejects = 'sku,name\na,Ann\nb\n'
  const problem = await served.fails('POST', '/v1/runs?wait=true', 422, 'TOO_MANY_REJECTS', { body: rejects })
  t.match(problem, { runStatus: 'rejected', rows: { rejected: 1 } })
  t.match(await load('maxRejects=50%25', rejects), { rows: { rejected: 1, inserted: 1 } })
  t.match(await load('onConflict=skip', 'sku,name\na,Other\n'), { rows: { skipped: 1 } })
  t.match(await load('command=update&existingOnly=true', 'sku,name\na,Other\nz,Zoe\n'), {
    command: 'update',
    rows: { updated: 1, skipped: 1 },
  })
  t.match(await load('sync=true&maxDeletes=100%25&history=false', 'sku,name\nz,Zoe\n'), {
    rows: { deleted: 1 },
  })

  const fails = (query: string, code: string, says: string) =>
    served
      .fails('POST', `/v1/runs?${query}`, 400, code, { body: CSV })
      .then(({ detail }) => t.match(detail, says))
  for (const option of [
    'before=x.sql',
    'after=x.sql',
    'syncWhere=true',
    'workers=9',
    'trustOwner=true',
    'restart=true',
  ])
    await fails(option, 'USAGE', option.split('=')[0] as string)
  for (const option of [
    'maxSize=1',
    'config=x',
    'addColumns=true',
    'workMem=1GB',
    'databaseUrl=x',
    'toString=1',
    'url=http://x/',
  ])
    await fails(option, 'USAGE', option.split('=')[0] as string)
  await fails('__proto__=x', 'USAGE', '__proto__')
  await fails('header=perhaps', 'BAD_OPTION', 'header')
  await fails('duplicates=all', 'BAD_OPTION', 'last, first, error')
  await fails('maxRejects=many', 'BAD_OPTION', '--max-rejects')
  await fails('map=nothing', 'BAD_OPTION', 'map')
  await fails('existingOnly=true', 'BAD_OPTION', 'existingOnly')
  await fails('table=dasy.runs', 'BAD_OPTION', 'reserved')
  await served.fails('POST', '/v1/runs', 400, 'USAGE')
  await served.fails('POST', '/v1/runs', 400, 'USAGE', { json: {} })
  await served.fails('POST', '/v1/runs', 400, 'USAGE', { json: { url: 'http://x/', upload: 'y' } })
  await served.fails('POST', '/v1/runs', 400, 'USAGE', { body: formOf(CSV, 'other') })
  t.equal((await filesLeft(served, 1)).length, 1, 'only that of the run that can be gone on with')
  ;(await served.dasy('runs', 'clean', '3')).expectStatus(0)
  await load('table=last', CSV)
  t.same(await filesLeft(served, 0), [], 'until it is given up')
})

t.test('a name is only a name', async (t) => {
  const served = await Served.of(t)
  const names = {
    '../../etc/passwd': 'passwd',
    'C:\\goods\\a.csv': 'a.csv',
    '-': 'upload',
    '-#x': 'upload',
    '..': 'upload',
    'http://127.0.0.1/a.csv': 'a.csv',
    'a\r\nb.csv': 'ab.csv',
    '*.csv': '*.csv',
    'a#b.csv': 'a#b.csv',
    '': 'upload',
  }
  for (const [name, clean] of Object.entries(names)) {
    const path = `/v1/runs?wait=true&name=${encodeURIComponent(name)}`
    t.match(await served.json('POST', path, { body: CSV }), { source: clean, rows: { read: 2 } }, name)
  }
  const body = formOf(CSV, 'file', '../../a/b.csv')
  t.match(await served.json('POST', '/v1/runs?wait=true', { body }), { source: 'b.csv' })
})

t.test('a load makes a table, or goes into one that is known', async (t) => {
  const served = await Served.of(t)
  await served.db.run('CREATE TABLE mine (sku text PRIMARY KEY, name text)')
  await served.db.run('CREATE TABLE named (sku text PRIMARY KEY, name text)')
  const config = { datasets: { shop: { table: 'named', maxRejects: 1 } } }
  writeFileSync(join(served.cwd, 'dasy.config.json'), JSON.stringify(config))
  const load = (query: string) => served.json<Receipt>('POST', `/v1/runs?wait=true&${query}`, { body: CSV })
  for (const table of ['mine', 'public.mine', 'pg_catalog.pg_class', 'information_schema.tables']) {
    const problem = await served.fails('POST', `/v1/runs?table=${table}`, 403, 'TABLE_NOT_ALLOWED', {
      body: CSV,
    })
    t.match(problem.detail, table)
  }
  t.same(await served.json('GET', '/v1/datasets'), {
    datasets: [{ name: 'shop', table: 'named', key: ['sku'] }],
  })
  t.match(await load('table=named'), { table: 'named', rows: { inserted: 2 } })
  t.match(await load('dataset=shop'), { table: 'named', rows: { unchanged: 2 } })
  await served.fails('POST', '/v1/runs?dataset=none', 400, 'DATASET_NOT_FOUND', { body: CSV })
  t.match(await load('table=fresh'), { rows: { inserted: 2 } })
  t.match(await load('table=fresh'), { rows: { unchanged: 2 } })
  writeFileSync(join(served.cwd, 'a.csv'), CSV)
  ;(await served.dasy('ingest', 'a.csv', '--table', 'mine')).expectStatus(0)
  t.match(await load('table=mine'), { rows: { unchanged: 2 } }, 'after the operator has loaded it')
  t.same(await filesLeft(served, 0), [])
})

t.test('uploads that are too large, or break off, leave nothing', async (t) => {
  const served = await Served.of(t, '--max-upload', '1KiB')
  const large = `sku,name\n${'x,y\n'.repeat(1000)}`
  const problem = await served.fails('POST', '/v1/runs', 413, 'UPLOAD_TOO_LARGE', { body: large })
  t.match(problem, { maxUpload: 1024 })
  await served.fails('POST', '/v1/runs', 413, 'UPLOAD_TOO_LARGE', { body: formOf(large) })
  const chunks = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(large))
      controller.close()
    },
  })
  await served.fails('POST', '/v1/runs', 413, 'UPLOAD_TOO_LARGE', { body: chunks })
  const abort = new AbortController()
  let pulls = 0
  const slow = new ReadableStream({
    async pull(controller) {
      if (pulls++ > 2) abort.abort()
      else controller.enqueue(new TextEncoder().encode('sku'))
      await sleep(50)
    },
  })
  await served.fetch('POST', '/v1/runs', { body: slow, signal: abort.signal }).catch(() => {})
  t.same(await filesLeft(served, 0), [])
  t.equal(await served.db.value('SELECT count(*) FROM dasy.runs'), 0)
})
