import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Served } from './served.js'

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
