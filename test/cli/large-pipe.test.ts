import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { testDatabase } from '../support/database.js'

/** Memory does not grow with what comes through a pipe. */

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))
const GIGABYTES = 2
const MEGABYTES_AT_MOST = 256

t.test('two gigabytes of gzip through a pipe take a bounded memory', async (t) => {
  if (process.platform !== 'linux') return t.comment('memory is read off /proc')
  const db = await testDatabase(t)
  const args = ['ingest', '-', '--workers', '2', '--json', '--quiet', '--database-url', db.url]
  const writer = spawn(process.execPath, [path('../support/endless-gzip.mjs'), `${GIGABYTES * 1e9}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const load = spawn(process.execPath, [path('../../bin/dasy.js'), ...args], {
    stdio: [writer.stdout, 'pipe', 'inherit'],
  })
  writer.stdout.destroy() // it is the other process's now
  let most = 0
  const look = setInterval(() => {
    const [, kilobytes = 0] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${load.pid}/status`, 'utf8')) ?? []
    most = Math.max(most, Number(kilobytes) / 1024)
  }, 200)
  load.on('exit', () => clearInterval(look))
  const [output, [status]] = await Promise.all([text(load.stdout), once(load, 'exit')])
  t.equal(status, 0, output)
  const { rows } = JSON.parse(output)
  t.ok(rows.read * 1900 > GIGABYTES * 1e9 * 0.9, `${rows.read} records`)
  t.match(rows, { rejected: 0, inserted: 1000, duplicates: rows.read - 1000 })
  t.ok(most > 30 && most < MEGABYTES_AT_MOST, `${Math.round(most)} MB resident at most`)
})
