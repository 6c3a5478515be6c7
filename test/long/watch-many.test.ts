import { join } from 'node:path'
import t from 'tap'
import { watch } from '../../lib/watch/watch.js'
import { Inbox } from '../watch/inbox.js'

/** Many small files at once: each is loaded once, in the order of their names, and is in one place afterwards. */

/** The tenth of the length that CI runs is a hundredth of the files. */
const FILES = Math.round(10_000 * Number(process.env.DASY_LONG_SHARE ?? 1) ** 2)

t.test(`${FILES} small files`, async (t) => {
  const inbox = await Inbox.of(t)
  const { db } = inbox
  for (let file = 0; file < FILES; file += 1)
    inbox.drop(`products-${String(file).padStart(6, '0')}.csv`, `last,${file}`, `${file},${file}`)
  const config = join(inbox.cwd, 'dasy.config.json')
  const { exitStatus } = await watch([inbox.path()], {
    databaseUrl: db.url,
    config,
    once: true,
    settle: 0,
  })
  t.equal(exitStatus, 0)
  t.same(inbox.names(), ['done'])
  t.equal(inbox.names('done').filter((name) => name.endsWith('.csv')).length, FILES)
  t.equal(await db.value('SELECT count(*) FROM products'), FILES + 1)
  t.equal(await db.value(`SELECT name FROM products WHERE sku = 'last'`), `${FILES - 1}`, 'in their order')
  t.same(
    await db.rows(
      'SELECT outcome, count(*), count(DISTINCT run) AS runs FROM dasy.arrivals GROUP BY outcome',
    ),
    [{ outcome: 'loaded', count: FILES, runs: FILES }],
  )
})
