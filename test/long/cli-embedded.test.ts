import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { dasy } from '../support/cli.js'
import { CliProcess } from '../support/cli-process.js'
import { Workplace } from '../support/cli-workplace.js'
import { file, generatedProducts } from '../support/files.js'

const CSV = 'sku,name\na,Ann\nb,Bob\n'

t.test('in an empty folder a load starts a server, and takes it along when it is done', async (t) => {
  const place = new Workplace(t)
  const source = file(t, CSV)
  const first = await place.dasy('ingest', source, '--json')
  const receipt = first.json<{ seconds: Record<string, number> }>()
  t.match(receipt, { run: 1, status: 'completed', rows: { inserted: 2 } })
  t.match(
    first.stderr,
    /^dasy: making a PostgreSQL 18 in \.dasy \(only the first time\)\n/,
    'it says why it takes long',
  )
  const { start = 0, total = 0 } = receipt.seconds
  t.ok(start > total / 2, 'which is the start, and counts', receipt.seconds)
  const { running, dataDirectory } = await place.json('db', 'status')
  t.equal(running, false)
  await place.assertNobodyLeft(dataDirectory as string)
  t.same(readdirSync(place.folder), ['.dasy'], 'one folder is made, and only here')

  const again = await place.dasy('ingest', source, '--json')
  t.notMatch(again.stderr, 'making')
  const second = again.json()
  t.match(second, { run: 2, rows: { inserted: 0, unchanged: 2 } }, 'the next command sees the data')
  await place.assertNobodyLeft(dataDirectory as string)
})

t.test('db destroy asks first, and without a terminal it wants --yes', async (t) => {
  const place = new Workplace(t)
  await place.dasy('ingest', file(t, CSV))
  for (const flags of [[], ['--quiet'], ['--no-yes']]) {
    const { stderr } = (await place.try('db', 'destroy', ...flags)).expectStatus(2)
    t.match(stderr, 'dasy db destroy --yes')
  }
  t.match((await place.try('db', 'destroy', '--json')).expectStatus(2).json(), { error: { code: 'USAGE' } })
  t.match(await place.json('runs'), [{ run: 1 }], 'nothing is gone')
  await place.dasy('db', 'destroy', '--yes')
  t.notOk(existsSync(join(place.folder, '.dasy')))
})

t.test('db start lets it stay, status and url tell of it, stop ends it, destroy removes it', async (t) => {
  const place = new Workplace(t)
  t.match((await place.dasy('db', 'status')).stdout, /not running/)
  const refused = (await place.try('db', 'url')).expectStatus(4)
  t.equal(refused.stdout, '')
  t.match(refused.stderr, 'dasy db start', 'the remedy')

  t.match((await place.dasy('db', 'start')).stdout, /PostgreSQL 18.* runs on 127\.0\.0\.1:\d+/)
  await place.dasy('ingest', file(t, CSV), '--table', 'things')
  await place.connect()
  t.same(await place.rows('SELECT count(*)::int AS n FROM public.things'), [{ n: 2 }], 'in the schema public')
  await place.dasy('migrate', 'down', '--yes')
  t.same(
    await place.rows("SELECT to_regnamespace('dasy') AS dasy"),
    [{ dasy: null }],
    'dasy’s own is another',
  )
  await place.disconnect()
  const status = await place.dasy('db', 'status', '--json')
  const { pid, dataDirectory, ...rest } = status.json()
  t.match(
    rest,
    { running: true, stays: true, host: '127.0.0.1', port: Number, version: /^18\./ },
    'it stayed',
  )
  t.match(await place.json('db', 'start'), { running: true, pid }, 'a second start changes nothing')

  const { stdout } = await place.dasy('db', 'url')
  const password = new URL(stdout.trim()).password
  t.match(stdout, /^postgresql:\/\/\S+:[0-9a-f]{20,}@127\.0\.0\.1:\d+\/\S+\n$/, 'a string that psql takes')
  t.notMatch(status.stdout, password, 'nothing else shows the password')

  t.same(await place.json('db', 'stop'), { stopped: true })
  await place.assertNobodyLeft(dataDirectory as string)
  t.same(await place.json('db', 'stop'), { stopped: false }, 'a second stop is no error')

  await place.dasy('db', 'destroy', '--yes', '--quiet')
  t.same(readdirSync(place.folder), [])
  t.notOk(existsSync(dataDirectory as string))
})

t.test('two loads at once in a new folder share the server, and the last one takes it along', async (t) => {
  const place = new Workplace(t)
  const options = { cwd: place.folder, env: { DASY_HOME: 'elsewhere' } }
  t.teardown(() => dasy(['db', 'destroy', '--yes'], options))
  const sources = [generatedProducts(t, 2000), generatedProducts(t, 2000, '--seed', '2')]
  const results = await Promise.all(sources.map((source) => dasy(['ingest', source, '--json'], options)))
  const receipts = results.map((result) => result.expectStatus(0).json())
  t.same(receipts.map(({ run }) => run).sort(), [1, 2])
  for (const receipt of receipts) t.match(receipt, { status: 'completed', rows: { read: 2000 } })
  t.same(readdirSync(place.folder), ['elsewhere'], 'DASY_HOME names the folder')
  const { dataDirectory } = (await dasy(['db', 'status', '--json'], options)).json()
  await place.assertNobodyLeft(dataDirectory as string)
})

t.test(
  'Ctrl-C and kill -9 in the middle of a load leave the table as it was, and the run to go on with',
  async (t) => {
    const place = new Workplace(t)
    const own = `SELECT relname FROM pg_class WHERE relnamespace = 'dasy'::regnamespace ORDER BY 1`
    const source = file(t, 'sku,name\na,Ann\n')
    await place.dasy('db', 'start', '--quiet')
    await place.dasy('ingest', source, '--quiet')
    await place.connect()
    const before = await place.rows(own)
    const data = await place.dataDirectory()
    await place.dasy('db', 'stop')

    const big = generatedProducts(t, 30_000)
    const copying = async (attempt: number) => {
      // Ranges of a record or two: so it takes long enough wherever it runs.
      const load = CliProcess.start(t, ['ingest', big, '--range-size', '200', '--workers', '1'], {
        cwd: place.folder,
      })
      await load.until('the server runs', () => existsSync(join(data, 'postmaster.pid')))
      await load.until('it copies', async () => {
        if ((await place.try('db', 'url')).status !== 0) return false
        await place.connect()
        await load.until('it copies', async () => {
          const [run] = await place.rows(`
            SELECT count(*) > 10 AS enough FROM dasy.runs JOIN dasy.ranges USING (run) WHERE attempt = ${attempt}`)
          return run?.enough === true
        })
        await place.disconnect()
        return true
      })
      return load
    }

    const interrupted = await (await copying(1)).interrupt()
    t.match(interrupted, { status: 130, signal: null, stdout: '', stderr: /interrupted/ })
    await place.assertNobodyLeft(data)

    const killed = await (await copying(2)).kill()
    t.equal(killed.signal, 'SIGKILL')
    t.match(await place.json('runs'), [
      { run: 2, status: 'interrupted', aggregates: null, seconds: null },
      { run: 1, status: 'completed' },
    ])
    t.match(
      await place.json('ingest', source),
      { run: 3, rows: { read: 1, unchanged: 1 } },
      'another file has a run of its own',
    )
    t.match(await place.json('runs', 'clean'), { runs: [2] })
    await place.assertNobodyLeft(data)

    await place.dasy('db', 'start', '--quiet')
    await place.connect()
    t.same(await place.rows('SELECT sku, name FROM products'), [{ sku: 'a', name: 'Ann' }])
    t.same(await place.rows('SELECT name, no_of_products::int AS n FROM products_agg'), [
      { name: 'Ann', n: 1 },
    ])
    t.same(await place.rows(own), before, 'the schema dasy holds what it held before')
    t.same(await place.rows('SELECT count(*)::int AS ranges FROM dasy.ranges'), [{ ranges: 0 }])
  },
)
