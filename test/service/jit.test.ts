import t from 'tap'
import { file } from '../support/files.js'
import { Served } from './served.js'

/** Compiling the statements of one row takes seconds where a table has many columns, and saves nothing. */
t.test('statements of requests are not compiled, whatever the database says', async (t) => {
  const served = await Served.of(t)
  const { db } = served
  ;(await served.dasy('ingest', file(t, 'sku,name\na,Ann\n'))).expectStatus(0)
  await db.run('CREATE TABLE seen (app text, jit text)')
  await db.run(`
    CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        INSERT INTO seen VALUES (current_setting('application_name'), current_setting('jit'));
        RETURN NEW;
      END $$`)
  await db.run('CREATE TRIGGER see BEFORE INSERT OR UPDATE ON products FOR EACH ROW EXECUTE FUNCTION see()')
  await served.stop()
  await db.run(`ALTER DATABASE ${db.name} SET jit = on`)
  await served.start()
  const path = '/v1/tables/products/rows'
  await served.json('PATCH', `${path}/a`, { json: { name: 'Amy' } })
  await served.json('PUT', `${path}/b`, { json: { name: 'Bob' }, status: 201 })
  await served.json('POST', path, { json: { sku: 'c' }, status: 201 })
  t.same(await db.rows('SELECT DISTINCT app, jit FROM seen'), [{ app: 'dasy serve', jit: 'off' }])
  const client = await db.client()
  t.equal((await client.query('SHOW jit')).rows[0]?.jit, 'on', 'others do compile')
})
