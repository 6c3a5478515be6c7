/** Files that are moved by two at once, and whose move is not recorded the first time. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { move } from '../../lib/watch/move.js'
import { folder } from '../support/files.js'
import { filesIn, Inbox } from '../watch/inbox.js'

/** The first session that records a file as filed is ended, before that is committed. */
const ENDS_ONCE = `
  CREATE SEQUENCE filings;
  CREATE FUNCTION end_once() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF nextval('filings') = 1 THEN
      PERFORM pg_terminate_backend(pg_backend_pid());
    END IF;
    RETURN new;
  END $$;
  CREATE TRIGGER ends_once BEFORE UPDATE ON dasy.arrivals FOR EACH ROW
    WHEN (new.filed_at IS NOT NULL) EXECUTE FUNCTION end_once()`

t.test('a file that was moved, but not recorded because the connection broke', async (t) => {
  for (const name of ['loaded', 'failed'] as const) {
    const inbox = await Inbox.of(t)
    await inbox.once()
    await inbox.db.run(ENDS_ONCE)
    if (name === 'loaded') inbox.drop('products-1.csv', 'a,Ann')
    else inbox.dropBad('products-1.csv')
    const events = await inbox.once(name === 'loaded' ? 0 : 1)
    t.same(filesIn(events), ['file.enqueued in/products-1.csv', `file.${name} in/products-1.csv`])
    const target = inbox.path(name === 'loaded' ? 'done' : 'failed', 'products-1.csv')
    t.ok(existsSync(target))
    t.same(await inbox.db.rows('SELECT outcome, target FROM dasy.arrivals'), [{ outcome: name, target }])
    t.equal(await inbox.db.value('SELECT last_value FROM filings'), 2, 'it was recorded the second time')
  }
})

t.test('two that move one file at the same time: it is there once', async (t) => {
  const place = folder(t)
  for (let time = 0; time < 100; time++) {
    const [from, to] = [join(place, 'from'), join(place, `to-${time}`)]
    writeFileSync(from, 'some text')
    const { ino } = await stat(from)
    const isIt = () =>
      stat(to).then(
        (stats) => stats.ino === ino,
        () => false,
      )
    await Promise.allSettled([move(from, to, isIt), move(from, to, isIt), move(from, to, isIt)])
    if (!existsSync(to) || readFileSync(to, 'utf8') !== 'some text' || existsSync(from))
      return t.fail(`not there once, time ${time}`)
  }
  t.pass('nothing was lost')
})
