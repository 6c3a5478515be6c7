import t from 'tap'
import { ingest } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'
import { compareTables, countsOf } from '../support/oracle.js'

t.test('a load makes the aggregates that are asked for, once, and they stay right', async (t) => {
  const db = await testDatabase(t)
  const aggregates = [{ column: 'colour' }, { column: 'colour', into: 'colours', as: 'view' as const }]
  const load = (csv: string) =>
    ingest(file(t, csv), { databaseUrl: db.url, table: 'things', key: 'id', aggregates })
  const { aggregates: told } = await load('id,colour\n1,red\n2,blue\n3,red\n')
  t.same(told, [{ table: 'things_agg_colour', groups: 2 }])
  await load('id,colour\n3,green\n4,\n')
  await db.run("INSERT INTO things VALUES ('5', 'red')")
  for (const name of ['things_agg_colour', 'colours'])
    await compareTables(t, db, name, countsOf('things', 'colour', 'no_of_things'))
  const differs = ingest(file(t, 'id,colour\n1,red\n'), {
    databaseUrl: db.url,
    table: 'things',
    key: 'id',
    aggregates: [{ column: 'colour', into: 'colours' }],
  })
  t.match(await failure(t, differs), { code: 'AGGREGATE_DIFFERS' })
  const missing = ingest(file(t, 'id\n1\n'), {
    databaseUrl: db.url,
    table: 'x',
    key: 'id',
    aggregates: [{ column: 'idd' }],
  })
  t.match(await failure(t, missing), { code: 'COLUMN_NOT_FOUND', message: /nearest is "id"/ })
})
