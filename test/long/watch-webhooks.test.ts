import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Receiver } from '../service/receiver.js'
import { Served } from '../service/served.js'
import { hook, hurry } from '../service/told.js'
import { CliProcess } from '../support/cli-process.js'

t.test('a watcher sends webhooks, to private addresses only where it is allowed', async (t) => {
  const served = await Served.of(t, '--allow-private-webhooks')
  const receiver = await Receiver.start(t)
  await hook(served, receiver, ['rows.changed'])
  await served.stop()
  hurry(t, served.db)
  mkdirSync(join(served.cwd, 'in'))
  const datasets = { products: { files: 'in/*.csv', key: 'sku' } }
  writeFileSync(join(served.cwd, 'dasy.config.json'), JSON.stringify({ datasets }))
  writeFileSync(join(served.cwd, 'in/a.csv'), 'sku,name\na,1\n')
  const watch = (...flags: string[]): CliProcess => {
    const args = ['watch', '--json', '--settle', '0.05', '--poll', '0.2', ...flags]
    return CliProcess.start(t, args, { cwd: served.cwd, env: served.env })
  }

  const refused = watch()
  await refused.until('it is tried', async () => {
    const [row] = await served.db.rows('SELECT max(attempts) AS attempts FROM dasy.outbox')
    return Number(row?.attempts) > 0
  })
  refused.send('SIGTERM')
  t.equal((await refused.ended).status, 0)
  t.strictSame(receiver.all, [])

  const allowed = watch('--allow-private-webhooks')
  await receiver.until('it is sent', () => receiver.taken.length > 0)
  allowed.send('SIGTERM')
  t.equal((await allowed.ended).status, 0)
  t.match(receiver.taken, [
    { type: 'rows.changed', data: { table: 'products', changes: [{ op: 'insert' }] } },
  ])
})
