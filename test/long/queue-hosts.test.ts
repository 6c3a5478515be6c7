import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { Host, wayTo } from '../queue/host.js'
import { Queue } from '../queue/queue.js'
import { serve } from '../support/http-server.js'

const skip = !Host.arePossible && 'needs root, and namespaces of the kernel'

t.test('two hosts, each with its own files, share a queue', { skip }, async (t) => {
  const queue = await Queue.of(t)
  const { cwd, db } = queue
  const [local, shared] = [join(cwd, 'local'), join(cwd, 'shared')]
  mkdirSync(shared)
  writeFileSync(join(cwd, 'dasy.config.json'), JSON.stringify({ shared: [shared] }))
  const [a, b] = [Host.of(t, 'a', 1, local), Host.of(t, 'b', 2, local)]
  for (const host of [a, b]) writeFileSync(join(host.files, 'x.csv'), `sku,name\nlocal,of ${host.name}\n`)
  writeFileSync(join(shared, 'x.csv'), 'sku,name\nshared,of all\n')
  const web = await serve(t, Buffer.from('sku,name\nurl,of all\n'))
  const url = `http://${a.gateway}:${await wayTo(t, Number(new URL(web.url).port))}/x.csv`
  const server = new URL(db.url)
  server.port = `${await wayTo(t, Number(server.port))}`
  const on = async (host: Host, ...args: string[]): Promise<string> => {
    server.hostname = host.gateway
    return await host.run(args, { DATABASE_URL: server.href })
  }
  const enqueue = async (host: Host, source: string, table: string): Promise<number> =>
    JSON.parse(await on(host, 'enqueue', source, '--table', table, '--json')).run
  const loadedBy = (run: number): Promise<string> =>
    db.value<string>(`SELECT host FROM dasy.runs WHERE run = $1 AND outcome = 'completed'`, [run])

  const ofA = await enqueue(a, join(local, 'x.csv'), 'one')
  const ofAll = await enqueue(a, join(shared, 'x.csv'), 'two')
  const ofUrl = await enqueue(a, url, 'three')
  const behind = await enqueue(b, join(shared, 'x.csv'), 'one')
  await on(b, 'work', '--once')
  t.match(await queue.job(ofA), { state: 'waiting', waitsFor: 'host a' })
  t.match(await queue.job(behind), { state: 'waiting', waitsFor: `run ${ofA}` }, 'in its order')
  t.equal(await loadedBy(ofAll), 'b')
  t.equal(await loadedBy(ofUrl), 'b')

  const ofB = await enqueue(b, join(local, 'x.csv'), 'four')
  await Promise.all([on(a, 'work', '--once'), on(b, 'work', '--once')])
  await on(b, 'work', '--once')
  t.equal(await loadedBy(ofA), 'a')
  t.equal(await loadedBy(ofB), 'b')
  t.same(await db.rows('SELECT name FROM one ORDER BY sku'), [{ name: 'of a' }, { name: 'of all' }])
  t.same(await db.rows('SELECT name FROM four'), [{ name: 'of b' }])
  t.same(await db.rows('SELECT name FROM three'), [{ name: 'of all' }])
  await queue.leavesNothing()
})
