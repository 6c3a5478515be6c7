import t from 'tap'
import { ingest } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { file } from '../support/files.js'
import { newestRejects } from '../support/ledger.js'
import { assertNothingLeft } from '../support/leftovers.js'

t.test('a name of a relation in a schema that is not there is a value that does not fit', async (t) => {
  const db = await testDatabase(t)
  await db.run('CREATE TABLE notes (id integer PRIMARY KEY, about regclass)')
  const source = file(t, 'id,about\n1,pg_class\n2,nowhere.at_all\n3,nothing\n')
  const { rows } = await ingest(source, { databaseUrl: db.url, table: 'notes', key: ['id'], maxRejects: 2 })
  t.match(rows, { read: 3, rejected: 2, inserted: 1 })
  t.match(await newestRejects(db), [
    { line: 3, reason: /^column "about": .*nowhere/ },
    { line: 4, reason: /^column "about": .*nothing/ },
  ])
  await assertNothingLeft(t, db, { tables: ['notes'] })
})
