import t, { type Test } from 'tap'
import { CliProcess } from '../support/cli-process.js'
import { Chance } from '../support/history-model.js'
import { FaultyNetwork, type Seen } from '../support/proxy.js'
import { type Event, eventsIn, Inbox } from '../watch/inbox.js'

/**
 * A watcher, with the worker in it, is killed or cut off from the database at one of all the messages between them, by chance: before
 * it arrives there, or before the answer arrives here. Afterwards every file is in one place and was loaded once. DASY_SEED repeats it.
 */

const SEED = Number(process.env.DASY_SEED ?? Math.floor(Math.random() * 2 ** 32))
/** In the tenth of the length that CI runs, six: each begins two processes. */
const TIMES = Math.max(6, Math.round(200 * Number(process.env.DASY_LONG_SHARE ?? 1) ** 2))

const HOW = ['killed before it is sent', 'killed', 'cut off before it is sent', 'cut off'] as const
type How = (typeof HOW)[number]

/** Four files of one dataset: two are loaded, one has the content of the one before it, one cannot be loaded. */
class Scene {
  private constructor(
    readonly t: Test,
    readonly inbox: Inbox,
    readonly network: FaultyNetwork,
  ) {}

  static async make(t: Test): Promise<Scene> {
    const inbox = await Inbox.of(t)
    const { hostname, port } = new URL(inbox.db.url)
    const network = await FaultyNetwork.start({ host: hostname, port: Number(port) })
    t.teardown(() => network.close())
    inbox.drop('products-1.csv', 'a,Ann', 'b,Bob')
    inbox.drop('products-2.csv', 'a,Ann', 'b,Bob')
    inbox.drop('products-3.csv', 'a,Eve')
    inbox.dropBad('products-4.csv')
    return new Scene(t, inbox, network)
  }

  /** `dasy watch --once` over that network. */
  start(): CliProcess {
    const { cwd, db } = this.inbox
    const url = new URL(db.url)
    url.hostname = '127.0.0.1'
    url.port = `${this.network.port}`
    const args = ['watch', '--once', '--json', '--settle', '0.01']
    return CliProcess.start(this.t, args, { cwd, env: { DATABASE_URL: url.href, DASY_HOST: 'a' } })
  }

  /** Does it to the process at the message with this number. @returns whether it came to that */
  async disturb(
    at: number,
    how: How,
  ): Promise<{ happened: boolean; status: number | null; events: Event[] }> {
    const { network } = this
    const direction = how.endsWith('sent') ? 'up' : 'down'
    let [messages, happened] = [0, false]
    const process = this.start()
    const when = (seen: Seen): boolean => {
      if (seen.direction !== direction || ++messages !== at) return false
      happened = true
      if (how.startsWith('killed')) process.kill()
      // At once, before it is forwarded.
      if (direction === 'up') {
        network.breakDown('reset')
        if (how.startsWith('cut')) network.mend()
      }
      return direction === 'down'
    }
    network.expect({ fault: 'cut', when })
    const { status, stdout } = await process.ended
    network.mend()
    return { happened, status, events: eventsIn(stdout) }
  }

  /** That every file is in one place, and was loaded once. */
  async check(title: string, events: unknown): Promise<boolean> {
    const { inbox } = this
    const { db } = inbox
    const found = {
      in: inbox.names(),
      done: inbox.names('done'),
      failed: inbox.names('failed'),
      arrivals: await db.rows(
        'SELECT path, outcome, hash IS NOT NULL AS hashed FROM dasy.arrivals ORDER BY path, arrival',
      ),
      runs: await db.rows('SELECT outcome FROM dasy.runs ORDER BY run'),
      products: await db.rows('SELECT sku, name FROM products ORDER BY sku'),
      alerts: await db.rows('SELECT cause, path FROM dasy.alerts'),
    }
    const withReceipt = (name: string) => [name, `${name}.receipt.json`]
    const arrival = (number: number, outcome: string) => ({
      path: inbox.path(`products-${number}.csv`),
      outcome,
      hashed: outcome !== 'failed',
    })
    return this.t.strictSame(
      found,
      {
        in: ['done', 'failed'],
        done: ['products-1.csv', 'products-2.csv', 'products-3.csv'].flatMap(withReceipt),
        failed: withReceipt('products-4.csv'),
        arrivals: [arrival(1, 'loaded'), arrival(2, 'same'), arrival(3, 'loaded'), arrival(4, 'failed')],
        runs: [{ outcome: 'completed' }, { outcome: 'completed' }, { outcome: 'failed' }],
        products: [
          { sku: 'a', name: 'Eve' },
          { sku: 'b', name: 'Bob' },
        ],
        alerts: [{ cause: 'failed', path: '' }],
      },
      title,
      { events },
    )
  }
}

t.test(`at each message to the database (seed ${SEED})`, async (t) => {
  const chance = new Chance(SEED)
  let messages = 0
  await t.test('without a disturbance', async (t) => {
    const scene = await Scene.make(t)
    scene.network.expect({
      fault: 'cut',
      when: ({ direction }) => {
        if (direction === 'up') messages += 1
        return false
      },
    })
    const { status, stdout } = await scene.start().ended
    t.equal(status, 1, 'one file cannot be loaded')
    await scene.check('all is done', eventsIn(stdout))
  })
  t.comment(`${messages} messages`)
  for (let time = 0; time < TIMES; time++) {
    const at = 1 + chance.below(messages)
    const how = chance.one(HOW)
    await t.test(`${how}, message ${at}`, async (t) => {
      const scene = await Scene.make(t)
      const { happened, status, events } = await scene.disturb(at, how)
      // Only what finds no database at the beginning says so and ends.
      if (happened && how.startsWith('cut') && events[0]?.type === 'watch.started')
        t.equal(status, 1, 'it goes on')
      const { status: again, stdout } = await scene.start().ended
      await scene.check('afterwards all is done', { again, events, afterwards: eventsIn(stdout) })
    })
  }
})
