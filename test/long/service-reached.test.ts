import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Served } from '../service/served.js'

const CSV = 'id,name\n1,a\n'

t.test('a table whose name has a dot stands for no other table', async (t) => {
  const served = await Served.of(t)
  const [read, write] = [await served.tokenOf('read'), await served.tokenOf('write')]
  await served.db.run('CREATE SCHEMA hr; CREATE TABLE hr.pay (id text PRIMARY KEY, name text)')
  const csv = { token: write, body: CSV, headers: { 'content-type': 'text/csv' } }
  for (const name of ['pg_catalog.pg_authid', 'hr.pay']) {
    const path = `/v1/tables/${name}/rows`
    const asOne = encodeURIComponent(`"${name}"`)
    const receipt = await served.json('POST', `/v1/runs?wait=true&key=id&table=${asOne}`, csv)
    t.equal(receipt.table, `"${name}"`)
    await served.fails('GET', path, 404, 'TABLE_NOT_FOUND', { token: read })
    await served.fails('POST', path, 404, 'TABLE_NOT_FOUND', { token: write, json: { id: '2' } })
    await served.fails('POST', `/v1/runs?key=id&table=${name}`, 403, 'TABLE_NOT_ALLOWED', csv)
    t.same(await served.json('GET', `/v1/tables/${asOne}/rows`), {
      rows: [{ id: '1', name: 'a' }],
      cursor: null,
    })
    await served.json('POST', `/v1/runs/${receipt.run}/undo?wait=true`, { token: write })
  }
  const { tables } = await served.json<{ tables: { table: string }[] }>('GET', '/v1/tables')
  t.same(
    tables.map(({ table }) => table),
    ['"hr.pay"', '"pg_catalog.pg_authid"'],
  )
})

t.test(
  'a name in the configuration without a schema is the one table that the search path finds',
  async (t) => {
    const served = await Served.of(t)
    await served.db.run('CREATE SCHEMA IF NOT EXISTS hr; CREATE TABLE hr.staff (id text PRIMARY KEY)')
    await served.db.run('CREATE TABLE staff (id text PRIMARY KEY)')
    const config = { datasets: { staff: { files: 'staff*.csv', table: 'staff', key: 'id' } } }
    writeFileSync(join(served.cwd, 'dasy.config.json'), JSON.stringify(config))
    await served.stop()
    await served.start()
    for (const name of ['staff', 'public.staff']) await served.json('GET', `/v1/tables/${name}/rows`)
    await served.fails('GET', '/v1/tables/hr.staff/rows', 404, 'TABLE_NOT_FOUND')
  },
)

t.test('an upload is named by its path alone', async (t) => {
  const served = await Served.of(t)
  const headers = { 'tus-resumable': '1.0.0' }
  const begin = async (token: string) => {
    const made = await served.fetch('POST', '/v1/uploads', {
      token,
      headers: { ...headers, 'upload-length': '5' },
    })
    return made.headers.get('location') as string
  }
  const other = await served.tokenOf('write')
  const [victim, own] = [await begin(served.token), await begin(other)]
  const [, , , id] = victim.split('/')
  const patch = { ...headers, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' }
  for (const name of [`/${id}`, `/${id}.json`, '/none', '/..']) {
    const path = `${own}?x=${name}`
    const sent = await served.fetch('PATCH', path, { token: other, headers: patch, body: '' })
    t.equal(sent.status, 204, path)
    t.equal((await served.fetch('HEAD', path, { token: other, headers })).status, 200, path)
  }
  t.equal((await served.fetch('DELETE', `${own}?/${id}`, { token: other, headers })).status, 204)
  t.equal((await served.fetch('HEAD', own, { token: other, headers })).status, 404)
  t.equal((await served.fetch('HEAD', victim, { headers })).status, 200)
})

t.test('tokens that could not be shown are not made', async (t) => {
  const served = await Served.of(t)
  for (const json of [
    { name: 'half a character \ud800' },
    { name: 'for ever', expires: '99999999d' },
    { name: 'and longer', expires: '99999999999999d' },
  ])
    await served.fails('POST', '/v1/tokens', 400, 'BAD_OPTION', { json })
  const { tokens } = await served.json<{ tokens: unknown[] }>('GET', '/v1/tokens')
  t.equal(tokens.length, 1)
})

t.test('the type of a body decides alike what is read, checked and done', async (t) => {
  const served = await Served.of(t)
  const send = (type: string, body: string) => ({ body, headers: { 'content-type': type } })
  const json = '{"url":"file:///etc/passwd","table":"x","key":"id"}'
  for (const type of ['application/json', 'Application/JSON', 'APPLICATION/JSON; charset=utf-8'])
    await served.fails('POST', '/v1/runs', 400, 'BAD_URL', send(type, json))
  // A file, whatever its name begins with.
  const csv = send('application/json-lines', CSV)
  t.match(await served.json('POST', '/v1/runs?wait=true&key=id&table=x', csv), { rows: { inserted: 1 } })
  for (const type of ['multipart/form-data', 'Multipart/Form-Data; boundary=x'])
    await served.fails('POST', '/v1/runs?table=x', 400, 'USAGE', send(type, 'no form'))
})

t.test('a form that ends too early', async (t) => {
  const served = await Served.of(t)
  const begin = '--B\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\nid\n1\n'
  const headers = { 'content-type': 'multipart/form-data; boundary=B' }
  await served.fails('POST', '/v1/runs?table=x', 400, 'UPLOAD_BROKEN', { body: begin, headers })
})

t.test('so many values can be asked for at a time', async (t) => {
  const served = await Served.of(t)
  const csv = { body: CSV, headers: { 'content-type': 'text/csv' } }
  await served.json('POST', '/v1/runs?wait=true&key=id&table=x', csv)
  const path = '/v1/tables/x/rows?filter[id][in]='
  const rows = { rows: [{ id: '1', name: 'a' }], cursor: null }
  t.same(await served.json('GET', path + Array(1000).fill('1').join(',')), rows)
  await served.fails('GET', path + Array(1001).fill('1').join(','), 400, 'BAD_OPTION')
  const many = Array(1001).fill('filter[id]=1').join('&')
  await served.fails('GET', `/v1/tables/x/rows?${many}`, 400, 'BAD_OPTION')
})

t.test('who goes away keeps no session busy', async (t) => {
  const served = await Served.of(t)
  const csv = { body: CSV, headers: { 'content-type': 'text/csv' } }
  await served.json('POST', '/v1/runs?wait=true&key=id&table=x', csv)
  const other = await served.db.client()
  await other.query('BEGIN; LOCK TABLE x')
  const waiting = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  const asked = request(new URL('/v1/tables/x/rows', served.url), {
    headers: { authorization: `Bearer ${served.token}` },
  })
  asked.on('error', () => {}).end()
  let found: { pid: number }[] = []
  while (found.length === 0) found = await served.db.rows(waiting)
  asked.destroy()
  const isThere = `SELECT count(*) FROM pg_stat_activity WHERE pid = ${found[0]?.pid}`
  for (let tries = 0; tries < 600 && (await served.db.value(isThere)) === 1; tries++) await sleep(100)
  t.equal(await served.db.value(isThere), 0)
  await other.query('ROLLBACK')
  t.match(await served.json('GET', '/v1/tables/x/rows'), { rows: [{ id: '1' }] })
})

t.test('a run that waits for a table gets none that others have made', async (t) => {
  const served = await Served.of(t)
  const write = await served.tokenOf('write')
  const options = { token: write, body: 'id,name\n1,a\n2\n', headers: { 'content-type': 'text/csv' } }
  const path = '/v1/runs?wait=true&key=id&table=later'
  const { run } = await served.fails('POST', path, 422, 'TOO_MANY_REJECTS', options)
  await served.db.run('CREATE TABLE later (id text PRIMARY KEY, name text)')
  const json = { maxRejects: 1 }
  await served.fails('POST', `/v1/runs/${run}/resume`, 403, 'TABLE_NOT_ALLOWED', { token: write, json })
  await served.db.run('DROP TABLE later')
  const resumed = await served.json('POST', `/v1/runs/${run}/resume?wait=true`, { token: write, json })
  t.match(resumed, { rows: { inserted: 1, rejected: 1 } })
})

t.test('nor one that they make before it comes to writing', async (t) => {
  const served = await Served.of(t)
  const csv = { body: CSV, headers: { 'content-type': 'text/csv' } }
  const theirs =
    "CREATE TABLE later (id text PRIMARY KEY, name text); INSERT INTO later VALUES ('1', 'theirs')"
  const waits = `SELECT count(*) FROM pg_locks WHERE relation = 'dasy.ranges'::regclass AND NOT granted`
  for (const held of ['ACCESS EXCLUSIVE', 'SHARE']) {
    const other = await served.db.client()
    await other.query(`BEGIN; LOCK TABLE dasy.ranges IN ${held} MODE`)
    const answer = served.fails(
      'POST',
      '/v1/runs?wait=true&key=id&table=later',
      403,
      'TABLE_NOT_ALLOWED',
      csv,
    )
    while ((await served.db.value(waits)) === 0) await sleep(10)
    await served.db.run(theirs)
    await other.query('COMMIT')
    await answer
    t.same(await served.db.rows('TABLE later'), [{ id: '1', name: 'theirs' }])
    await served.db.run('DROP TABLE later')
  }
})
