import {
  appendFileSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import t from 'tap'
import { ingest } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { hearing } from '../support/events.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { rowVersions } from '../support/rows.js'

/** A file that somebody writes while it is read is no file that can be loaded. */

const RECORDS = 200
const CONTENT = `sku,name\n${Array.from({ length: RECORDS }, (_, n) => `${n},name ${n}\n`).join('')}`

/** Each as somebody's editor, upload or export does it, some of them with the old time put back. */
const CHANGES: Record<string, (path: string) => void> = {
  'it grows': (path) => appendFileSync(path, 'z,Zoe\n'),
  'it becomes shorter': (path) => truncateSync(path, CONTENT.length - 11),
  'as many other bytes': (path) => writeFileSync(path, CONTENT.replaceAll('name', 'eman')),
  'as many other bytes, and the time is put back': (path) => {
    const { atime, mtime } = statSync(path)
    writeFileSync(path, CONTENT.replaceAll('name', 'eman'))
    utimesSync(path, atime, mtime)
  },
  'another file takes its place': (path) => {
    writeFileSync(`${path}.new`, readFileSync(path))
    renameSync(`${path}.new`, path)
  },
}

t.test('a load of a file that is changed meanwhile applies nothing', async (t) => {
  const db = await testDatabase(t)
  await ingest(file(t, 'sku,name\n1,old\n'), { databaseUrl: db.url })
  const before = await rowVersions(db, 'products')
  // Behind the last of its ranges nothing is read any more: only who looks at the end finds that it has changed.
  for (const after of [1, RECORDS]) {
    for (const [what, change] of Object.entries(CHANGES)) {
      await t.test(`${what}, when ${after} of ${RECORDS} records are staged`, async (t) => {
        const source = file(t, CONTENT)
        let staged = 0
        const advanced = (_: number, records: number): void => {
          if (staged < after && staged + records >= after) change(source)
          staged += records
        }
        const options = { databaseUrl: db.url, workers: 1, rangeSize: 100, onEvent: hearing({ advanced }) }
        const error = await failure(t, ingest(source, options))
        t.match(error, { code: 'SOURCE_CHANGED', exitStatus: 1, details: { file: source } })
        t.ok(staged >= after, 'it was changed')
        t.same(await rowVersions(db, 'products'), before, 'nothing was applied')
      })
    }
  }
  await assertNothingLeft(t, db)
})
