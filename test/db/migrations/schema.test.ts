import { readFileSync } from 'node:fs'
import t from 'tap'
import { Database } from '../../../lib/db/database.js'
import { migrate } from '../../../lib/db/migrations.js'
import { testDatabase } from '../../support/database.js'
import { describeSchema, schemaFile } from './describe-schema.mjs'

t.test('the migrations make the schema that is committed', async (t) => {
  const db = await testDatabase(t)
  await using database = await Database.open({ databaseUrl: db.url })
  await using session = await database.session()
  await migrate(session)
  const made = await describeSchema((text) => db.rows(text))
  t.equal(
    made,
    readFileSync(schemaFile, 'utf8'),
    'after a new migration: node scripts/describe-schema.mjs writes test/db/migrations/schema.txt',
  )
})
