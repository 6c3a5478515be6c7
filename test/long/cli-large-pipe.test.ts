import t from 'tap'
import { loadPipe, problemsOf } from '../source/pipe/pipe-load.mjs'
import { testDatabase } from '../support/database.js'

/** Memory does not grow with what comes through a pipe. The long form is scripts/large-pipe.mjs. */

const MEGABYTES = 400

t.test(`${MEGABYTES} MB of gzip through a pipe take less memory`, async (t) => {
  if (process.platform !== 'linux') return t.comment('memory is read off /proc')
  const { url } = await testDatabase(t)
  const loaded = await loadPipe(url, MEGABYTES * 1e6)
  t.same(problemsOf(loaded, MEGABYTES * 1e6), [], `${loaded.megabytes} MB resident at most`)
  t.ok(loaded.megabytes > 30, 'it was looked at')
})
