import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Where a transaction may begin: one helper, and the settings of a session. */
const PLACES = ['lib/db/transaction.ts', 'sql/db/session_settings.sql']

/** Not the BEGIN of a block in PL/pgSQL, which stands alone on its line. */
const BEGINS =
  /\bBEGIN\s+(ISOLATION|TRANSACTION|WORK|READ)\b|\bBEGIN\s*;|(run|rows?|query)\(\s*['"`](BEGIN|START)\b|\b(START|SET)\s+TRANSACTION\b|\bSESSION\s+CHARACTERISTICS\b/i

t.test('every transaction begins in one place, where it says what it is', async (t) => {
  const files = ['lib', 'sql'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(ts|sql)$/.test(file))
      .map((file) => `${folder}/${file}`),
  )
  const beginning = files.filter((file) => BEGINS.test(readFileSync(join(root, file), 'utf8')))
  t.same(beginning.toSorted(), PLACES)
  for (const text of [
    `run('BEGIN')`,
    '`BEGIN ISOLATION LEVEL SERIALIZABLE`',
    'BEGIN; SELECT 1',
    'START TRANSACTION',
  ])
    t.match(text, BEGINS)
  const modes = [...readFileSync(join(root, PLACES[0] as string), 'utf8').matchAll(/'(BEGIN .*)'/g)]
  t.equal(modes.length, 3)
  for (const [, mode] of modes) t.match(mode, /^BEGIN ISOLATION LEVEL .+, READ (WRITE|ONLY), NOT DEFERRABLE$/)
})
