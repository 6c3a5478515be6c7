import t from 'tap'
import { Receiver } from '../service/receiver.js'
import { Served } from '../service/served.js'
import { hook, hurry, lines, toldExactly } from '../service/told.js'
import { file } from '../support/files.js'

const KILLS = Math.max(2, Math.round(20 * Number(process.env.DASY_LONG_SHARE ?? 1)))
/** Of six messages each: a kill waits for two of them. */
const LOADS = Math.max(2, Math.ceil(KILLS / 2))

t.test('senders and receivers are killed: each change is told once, in order', async (t) => {
  const served = await Served.of(t, '--allow-private-webhooks', '--no-work')
  const receiver = await Receiver.start(t)
  await hook(served, receiver, ['rows.changed'])
  hurry(t, served.db)
  const runs: number[] = []
  let count = 0
  receiver.answer = async (_, response) => {
    count += 1
    if (count % 7 === 0) response.destroy()
    await new Promise((resolve) => setTimeout(resolve, 15))
    return count % 7 === 0 ? 599 : 204
  }
  await served.stop()
  for (let n = 0; n < LOADS; n++) {
    const result = await served.dasy('ingest', file(t, lines(0, 6000, `load ${n}`)), '--json')
    runs.push(result.json<{ run: number }>().run)
  }
  await served.start('--allow-private-webhooks', '--no-work')
  for (let kills = 0; kills < KILLS; kills++) {
    const before = receiver.all.length
    await receiver.until('some are sent', () => receiver.all.length >= before + 2)
    await served.stop('SIGKILL')
    await served.start('--allow-private-webhooks', '--no-work')
  }
  await receiver.until('all is told', () => {
    const last = receiver.taken.at(-1)?.data
    return last?.run === runs.at(-1) && last?.batch === last?.batches
  })
  await toldExactly(t, served, receiver, runs)
})
