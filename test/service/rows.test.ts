import t from 'tap'
import { file } from '../support/files.js'
import { compareTables, countsOf } from '../support/oracle.js'
import { Served } from './served.js'

t.test('rows over HTTP', async (t) => {
  const served = await Served.of(t)
  const { db } = served
  const csv = file(t, 'sku,name,description\na,x,1\nb,y,2\nc,x,3\n')
  ;(await served.dasy('ingest', csv)).expectStatus(0)
  const [read, write] = [await served.tokenOf('read'), await served.tokenOf('write')]

  const { tables } = await served.json<{ tables: { table: string; key: string[] }[] }>('GET', '/v1/tables', {
    token: read,
  })
  t.match(tables, [{ table: 'products', key: ['sku'], aggregates: [{ column: 'name' }] }])
  const page = await served.json<{ rows: unknown[]; cursor: string }>(
    'GET',
    '/v1/tables/products/rows?filter[name]=x&sort=-sku&limit=1&select=sku',
    { token: read },
  )
  t.same(page.rows, [{ sku: 'c' }])
  const next = await served.json(
    'GET',
    `/v1/tables/products/rows?filter[name]=x&sort=-sku&cursor=${page.cursor}&select=sku`,
    { token: read },
  )
  t.same(next, { rows: [{ sku: 'a' }], cursor: null })
  t.same(await served.json('GET', '/v1/tables/products/aggregates/name?top=1'), {
    aggregate: 'products_agg',
    kind: 'live',
    groups: [{ value: 'x', count: 2 }],
    cursor: null,
  })
  await served.fails('GET', '/v1/tables/products/rows?filter[name][similar]=x', 400, 'BAD_OPTION')
  await served.fails('GET', '/v1/tables/products/rows?filter[no]=x', 400, 'COLUMN_NOT_FOUND')
  await served.fails('GET', '/v1/tables/products/rows?limit=1001', 400, 'BAD_OPTION')
  await served.fails('GET', '/v1/tables/products/rows?colour=red', 400, 'BAD_OPTION')
  await served.fails('GET', '/v1/tables/hidden/rows', 404, 'TABLE_NOT_FOUND')
  await served.fails('GET', '/v1/tables/products/aggregates/description', 404, 'AGGREGATE_NOT_FOUND')

  const path = '/v1/tables/products/rows'
  const one = await served.fetch('GET', `${path}/a`, { token: read })
  t.same(await one.json(), { sku: 'a', name: 'x', description: '1' })
  const etag = one.headers.get('etag') as string
  t.equal((await served.fetch('GET', `${path}/a`, { headers: { 'if-none-match': etag } })).status, 304)
  await served.fails('GET', `${path}/none`, 404, 'ROW_NOT_FOUND')
  await served.fails('PATCH', `${path}/a`, 403, 'FORBIDDEN', { token: read, json: { name: 'z' } })
  const patched = await served.fetch('PATCH', `${path}/a`, {
    token: write,
    json: { name: 'z' },
    headers: { 'if-match': etag },
  })
  t.equal(patched.status, 200)
  t.same(await patched.json(), { sku: 'a', name: 'z', description: '1' })
  const run = patched.headers.get('dasy-run') as string
  await served.fails('PATCH', `${path}/a`, 412, 'PRECONDITION_FAILED', {
    json: { name: 'q' },
    headers: { 'if-match': etag },
  })
  await served.fails('PUT', `${path}/a`, 412, 'PRECONDITION_FAILED', {
    json: {},
    headers: { 'if-none-match': '*' },
  })
  await served.fails('PUT', `${path}/a`, 422, 'ROW_REFUSED', { json: { sku: 'b' } })
  await served.fails('PATCH', `${path}/a`, 400, 'COLUMN_NOT_FOUND', { json: { colour: 'red' } })
  await served.fails('POST', path, 409, 'KEY_EXISTS', { json: [{ sku: 'n' }, { sku: 'b' }] })
  await served.fails('PUT', `${path}/a`, 400, 'USAGE', {
    body: '{"__proto__":{}}',
    headers: { 'content-type': 'application/json' },
  })

  const odd = 'ä/,%2C \n"?#'
  const key = encodeURIComponent(odd)
  const made = await served.fetch('PUT', `${path}/${key}`, { token: write, json: { name: 'odd' } })
  t.equal(made.status, 201)
  t.same(await made.json(), { sku: odd, name: 'odd', description: null })
  t.same(await served.json('GET', `${path}/${key}`), { sku: odd, name: 'odd', description: null })
  await served.fails('GET', `${path}/a,b`, 400, 'BAD_OPTION')
  const long = 'k'.repeat(2000)
  await served.json('PUT', `${path}/${long}`, { json: {}, status: 201 })
  await served.fails('GET', `${path}/${'k'.repeat(16 * 1024)}`, 404, 'ROW_NOT_FOUND')
  await served.fails('GET', `${path}/${'k'.repeat(16 * 1024 + 1)}`, 400, 'BAD_OPTION')
  const posted = await served.fetch('POST', path, { json: { sku: 'p/1', name: 'n' } })
  t.equal(posted.headers.get('location'), `${path}/p%2F1`)
  t.same(await posted.json(), { sku: 'p/1', name: 'n', description: null })
  t.match(await served.json('POST', path, { json: [{ sku: 'q' }, { sku: 'r' }], status: 201 }), {
    rows: [{ sku: 'q' }, { sku: 'r' }],
  })
  t.equal((await served.fetch('DELETE', `${path}/q`, { token: write })).status, 204)

  const blame = await served.json<{ changes: unknown[] }>('GET', `${path}/a/blame`, { token: read })
  t.match(blame.changes, [
    { run: Number(run), command: 'row', op: 'update', old: { name: 'x' }, new: { name: 'z' }, source: null },
    { command: 'ingest' },
  ])
  ;(await served.dasy('undo', run)).expectStatus(0)
  t.match(await served.json('GET', `${path}/a`), { name: 'x' })
  t.notMatch((await served.dasy('runs')).expectStatus(0).stdout, / row /)
  t.match((await served.dasy('runs', '--rows')).expectStatus(0).stdout, / row /)

  await served.fails('DELETE', path, 409, 'NOT_CONFIRMED')
  await served.fails('DELETE', `${path}?confirm=products`, 403, 'FORBIDDEN', { token: write })
  t.match(await served.json('DELETE', `${path}?filter[name]=x&confirm=products`), {
    command: 'purge',
    rows: { deleted: 2 },
  })
  await compareTables(t, db, 'products_agg', countsOf('products'))
})
