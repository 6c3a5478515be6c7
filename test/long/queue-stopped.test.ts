import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Queue } from '../queue/queue.js'

/** Longer than after how long the run of a killed worker is taken. */
const STOPPED_MS = 35_000

for (const workers of [2, 3]) {
  t.test(`of ${workers} workers one stands still for long, and nobody takes its run`, async (t) => {
    const queue = await Queue.of(t)
    await queue.enqueueText('sku,name\na,Ann\n')
    await queue.workOnce()
    const release = await queue.hold('products')
    const run = await queue.enqueueText('sku,name\nb,Bob\n')
    const behind = await queue.enqueueText('sku,name\nb,Bea\n')
    const stopped = queue.work()
    await stopped.until('it merges', () => queue.isMerging(run))
    stopped.send('SIGSTOP')
    const others = Array.from({ length: workers - 1 }, () => queue.work())
    await sleep(STOPPED_MS)
    const elsewhere = await queue.enqueueText('sku,name\nx,Xya\n', '--table', 'others')
    await others[0]?.until('they are at work', () => queue.isCompleted(elsewhere))
    t.match(await queue.job(run), { state: 'running' })
    t.match(await queue.job(behind), { state: 'waiting', waitsFor: `run ${run}` })
    await release()
    stopped.send('SIGCONT')
    await stopped.until('all is loaded', () => queue.isCompleted(behind))
    for (const worker of [stopped, ...others]) {
      worker.send('SIGTERM')
      t.match(await worker.ended, { status: 0 })
    }
    const attempts = 'SELECT run, attempt FROM dasy.runs ORDER BY run'
    t.same(
      await queue.db.rows(attempts),
      [1, run, behind, elsewhere].map((each) => ({ run: each, attempt: 1 })),
      'nobody else had one',
    )
    t.same(await queue.db.rows('SELECT name FROM products ORDER BY sku'), [{ name: 'Ann' }, { name: 'Bea' }])
    await queue.leavesNothing()
  })
}
