#!/usr/bin/env node
// Writes test/db/migrations/schema.txt anew: the schema dasy as the migrations make it, on an embedded server of its own.
// After a new migration: npm run build && node scripts/describe-schema.mjs, and look at what differs.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Database } from '../dist/db/database.js'
import { EmbeddedServer } from '../dist/db/embedded/server.js'
import { migrate } from '../dist/db/migrations.js'
import { describeSchema, schemaFile } from '../test/db/migrations/describe-schema.mjs'

const home = mkdtempSync(join(tmpdir(), 'dasy-schema-'))
const server = new EmbeddedServer({ home })
try {
  await server.keep()
  const database = await Database.open({ databaseUrl: await server.url() })
  const session = await database.session()
  await migrate(session)
  writeFileSync(schemaFile, await describeSchema((text) => session.rows(text)))
  await session[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
} finally {
  await server.destroy()
  rmSync(home, { recursive: true, force: true })
}
