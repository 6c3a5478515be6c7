import type { Test } from 'tap'
import { Rows, type RowsOptions } from '../../lib/api/rows.js'
import { DasyError } from '../../lib/base/errors.js'
import { Database } from '../../lib/db/database.js'
import { migrate } from '../../lib/db/migrations.js'
import { prepareReader } from '../../lib/rows/tables.js'
import { Sessions } from '../../lib/service/sessions.js'
import { ingest } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file } from '../support/files.js'

/** The rows of a database, until the test ends. */
export async function rowsOf(t: Test, db: TestDatabase, options: RowsOptions = {}): Promise<Rows> {
  const database = await Database.open({ databaseUrl: db.url })
  const [readers, writers] = [new Sessions(database, prepareReader), new Sessions(database)]
  await writers.use(migrate)
  t.teardown(async () => {
    await readers[Symbol.asyncDispose]()
    await writers[Symbol.asyncDispose]()
    await database.close()
  })
  return new Rows(readers, writers, { database, ...options })
}

/** Ten products, loaded. */
export async function products(
  t: Test,
  options: RowsOptions = {},
): Promise<{ db: TestDatabase; rows: Rows }> {
  const db = await testDatabase(t)
  const lines = Array.from({ length: 10 }, (_, n) => `s${n},name ${n % 3},${n}`)
  await ingest(file(t, `sku,name,description\n${lines.join('\n')}\n`), { databaseUrl: db.url })
  return { db, rows: await rowsOf(t, db, options) }
}

/** A table of any form, known by its name in the configuration. */
export async function tableOf(
  t: Test,
  sql: string,
  table = 'things',
): Promise<{ db: TestDatabase; rows: Rows }> {
  const db = await testDatabase(t)
  await db.run(sql)
  return { db, rows: await rowsOf(t, db, { tables: [{ schema: undefined, name: table }] }) }
}

/** The error of dasy that a call ends with. */
export async function refusal(call: Promise<unknown>): Promise<DasyError> {
  const error = await call.then(
    () => new Error('it should have failed, but it succeeded'),
    (thrown: unknown) => thrown,
  )
  if (error instanceof DasyError) return error
  throw error
}
