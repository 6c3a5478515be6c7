import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { CliProcess, type Ending } from '../support/cli-process.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { generatedProducts } from '../support/files.js'
import { assertNothingLeft } from '../support/leftovers.js'
import { compareTables, Oracle } from '../support/oracle.js'
import { FaultyNetwork, type Seen, type Trigger } from '../support/proxy.js'

/** Loads over a network that fails: what was lost is done again, what was committed is not, and nobody sees half. */

const RECORDS = 20_000
const EXPECTED = { key: ['sku'] }

/** A database that holds an earlier edition of a file, that file, and a network between. */
class Setting {
  private constructor(
    readonly t: Test,
    readonly db: TestDatabase,
    readonly proxy: FaultyNetwork,
    readonly file: string,
    readonly oracle: Oracle,
    readonly before: string,
  ) {}

  static async make(t: Test): Promise<Setting> {
    const db = await testDatabase(t)
    const { hostname, port } = new URL(db.url)
    const proxy = await FaultyNetwork.start({ host: hostname, port: Number(port) })
    t.teardown(() => proxy.close())
    const earlier = generatedProducts(t, RECORDS, '--first', `${RECORDS * 0.9}`)
    const args = ['ingest', earlier, '--quiet', '--database-url', db.url]
    t.equal((await CliProcess.start(t, args).ended).status, 0)
    const file = generatedProducts(t, RECORDS, '--changed', '30')
    const oracle = await Oracle.load(t, db, file)
    return new Setting(t, db, proxy, file, oracle, await digest(db))
  }

  /** A command over that network. */
  start(...args: string[]): CliProcess {
    const url = new URL(this.db.url)
    url.hostname = '127.0.0.1'
    url.port = `${this.proxy.port}`
    return CliProcess.start(this.t, [...args, '--json', '--database-url', url.href])
  }

  load(retryFor = 30): CliProcess {
    const pace = ['--workers', '2', '--range-size', '50000', '--retry-for', `${retryFor}`]
    return this.start('ingest', this.file, ...pace)
  }

  /** That a load is done as if nothing had happened, and that nothing of it is left. */
  async checkDone(ending: Ending): Promise<void> {
    const { t, db, oracle } = this
    if (!t.equal(ending.status, 0, ending.stderr + ending.stdout)) return
    const receipt = JSON.parse(ending.stdout)
    t.match(receipt, { run: 2, status: 'completed', rows: { read: oracle.records, rejected: 0 } })
    t.ok(receipt.rows.inserted > 0 && receipt.rows.updated > 0, 'it is the receipt of what changed', receipt)
    await compareTables(t, db, 'products', oracle.table(EXPECTED))
    await compareTables(t, db, 'products_agg', oracle.aggregate(EXPECTED))
    const outcomes = await db.rows('SELECT run, outcome FROM dasy.runs ORDER BY run')
    t.same(
      outcomes,
      [1, 2].map((run) => ({ run, outcome: 'completed' })),
      'it is one run',
    )
    await assertNothingLeft(t, db)
  }

  async checkUntouched(): Promise<void> {
    this.t.equal(await digest(this.db), this.before, 'the tables are as they were')
  }
}

function digest(db: TestDatabase): Promise<string> {
  const all = (table: string) =>
    `(SELECT md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM ${table} AS t)`
  return db.value(`SELECT ${all('products')} || ${all('products_agg')}`)
}

const isWorker = ({ client }: Seen) => client.startsWith('dasy worker')
const isMain = ({ client }: Seen) => client === 'dasy'

/** Once a connection of a worker has sent so much. */
const sent =
  (kilobytes: number): Trigger =>
  (seen) =>
    isWorker(seen) && seen.direction === 'up' && seen.bytes > kilobytes * 1000

/** The answer to a statement; the server has done by then what it says. */
function answerTo(statement: string, of: (seen: Seen) => boolean, after?: string): Trigger {
  let asked: number | undefined
  let ready = after === undefined
  return (seen) => {
    if (!of(seen)) return false
    if (seen.direction === 'down') return seen.connection === asked
    ready ||= seen.chunk.includes(after ?? '')
    if (ready && seen.chunk.includes(`${statement}\0`)) asked = seen.connection
    return false
  }
}

t.test('connections that are cut while they copy', async (t) => {
  const setting = await Setting.make(t)
  setting.proxy.expect(...[100, 300, 20, 500].map((size) => ({ fault: 'cut', when: sent(size) }) as const))
  await setting.checkDone(await setting.load().ended)
  t.equal(setting.proxy.befallen, 4)
})

t.test('connections that are reset while they copy', async (t) => {
  const setting = await Setting.make(t)
  setting.proxy.expect(...[150, 1, 400, 60].map((size) => ({ fault: 'reset', when: sent(size) }) as const))
  await setting.checkDone(await setting.load().ended)
  t.equal(setting.proxy.befallen, 4)
})

for (const fault of ['cut', 'reset'] as const) {
  t.test(`a COMMIT of a range whose answer is lost (${fault})`, async (t) => {
    const setting = await Setting.make(t)
    const lost = () => ({ fault, when: answerTo('COMMIT', isWorker) })
    setting.proxy.expect(lost(), lost(), lost())
    await setting.checkDone(await setting.load().ended)
    t.ok(setting.proxy.befallen > 0)
  })

  t.test(`the publishing COMMIT whose answer is lost (${fault})`, async (t) => {
    const setting = await Setting.make(t)
    setting.proxy.expect({ fault, when: answerTo('COMMIT', isMain, 'IN EXCLUSIVE MODE') })
    await setting.checkDone(await setting.load().ended)
    t.equal(setting.proxy.befallen, 1)
  })

  t.test(`the main connection, at the lock of the target (${fault})`, async (t) => {
    const setting = await Setting.make(t)
    setting.proxy.expect({ fault, when: (seen) => isMain(seen) && seen.chunk.includes('IN EXCLUSIVE MODE') })
    await setting.checkDone(await setting.load().ended)
    t.equal(setting.proxy.befallen, 1)
  })
}

t.test('a delay of each packet', async (t) => {
  const setting = await Setting.make(t)
  setting.proxy.delayMs = 3
  await setting.checkDone(await setting.load().ended)
})

t.test('a network that is away for a while', async (t) => {
  const setting = await Setting.make(t)
  const load = setting.load()
  await load.until('it copies', () => copies(setting.db))
  setting.proxy.breakDown('reset')
  await sleep(2000)
  setting.proxy.mend()
  await setting.checkDone(await load.ended)
})

for (const comers of ['cut', 'reset', 'swallow'] as const) {
  t.test(`a network that stays dead (new connections: ${comers})`, async (t) => {
    const setting = await Setting.make(t)
    const { db, proxy } = setting
    const retryFor = 3
    const load = setting.load(retryFor)
    await load.until('it copies', () => copies(db))
    proxy.breakDown('reset', comers)
    const { status, stdout, stderr } = await load.ended
    t.equal(status, 4, stderr + stdout)
    const { error } = JSON.parse(stdout)
    t.match(error, { code: /^CONNECTION_(LOST|FAILED)$/, run: 2 })
    t.match(error.message, /ECONNRESET|ended|terminated|closed|no answer/, 'it names the cause')
    await setting.checkUntouched()
    proxy.mend()
    await setting.checkDone(await setting.start('resume', '2').ended)
  })
}

function copies(db: TestDatabase): Promise<boolean> {
  return db.value<boolean>('SELECT count(*) > 3 FROM dasy.ranges')
}
