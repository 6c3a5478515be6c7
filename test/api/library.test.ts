import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { commands } from '../../lib/cli/commands.js'
import { DasyError as CompiledError } from '../support/compiled.js'
import { testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file, folder, generatedProducts } from '../support/files.js'

/** The library as a program gets it: by the package's name. */
const name = 'dasy'
const dasy = (await import(name)) as typeof import('../../lib/index.js')

const { DasyError, ingest, update, inspect, resume, aggregate, analyze, runs, rejects, clean, migrate } = dasy

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = []
  for await (const item of items) list.push(item)
  return list
}

t.test('every command that works on data is a function of the same name', async (t) => {
  t.equal(dasy.DasyError, CompiledError, 'the package is what was built')
  const others = ['db', 'completion', 'help', 'version', 'serve', 'token']
  for (const command of commands)
    if (!others.includes(command.name)) t.ok(command.name in dasy, `${command.name} is exported`)
  t.same(Object.keys(migrate), ['up', 'down', 'status'])
})

t.test('each does what the command does', async (t) => {
  const db = await testDatabase(t)
  const options = { databaseUrl: db.url }
  const config = join(folder(t), 'dasy.config.json')
  mkdirSync(join(config, '..', 'sql'))
  writeFileSync(join(config, '../sql/views.sql'), 'CREATE OR REPLACE VIEW named AS SELECT name FROM products')
  writeFileSync(config, JSON.stringify({ datasets: { goods: { files: 'x.csv', views: ['sql/views.sql'] } } }))
  const good = file(t, 'sku,name\n1,one\n2,two\n')
  const bad = file(t, 'sku,name\n3,three\n4\n')

  t.ok((await migrate.status(options)).every(({ appliedAt }) => appliedAt === null))
  t.match(await migrate.up(options), { made: ['products', 'products_agg'] })
  t.match(await inspect(good), { records: 2, columns: [{ name: 'sku' }, { name: 'name' }] })
  t.match(await ingest(good, options), { run: 1, rows: { inserted: 2 } })
  t.match(await update(good, options), { run: 2, rows: { unchanged: 2 } })
  t.match(await failure(t, ingest(bad, options)), { code: 'TOO_MANY_REJECTS' })

  t.match(await runs(options), [
    { run: 3, status: 'rejected', error: { code: 'TOO_MANY_REJECTS' } },
    { run: 2, command: 'update' },
    { run: 1, command: 'ingest', status: 'completed', rows: { read: 2, inserted: 2 } },
  ])
  t.match(await runs({ ...options, limit: 1 }), [{ run: 3 }])
  t.match(await runs({ ...options, run: 1 }), [{ run: 1 }])
  t.same(await all(rejects(3, options)), [
    {
      source: bad,
      line: 3,
      byte: 17,
      reason: (await db.row('SELECT reason FROM dasy.rejects')).reason,
      complete: true,
      record: Buffer.from('4'),
    },
  ])
  t.same(await all(rejects(3, { ...options, source: bad })), await all(rejects(3, options)))
  t.match(await failure(t, all(rejects(3, { ...options, source: 'x' }))), { code: 'SOURCE_NOT_FOUND' })

  t.match(await resume(3, { ...options, maxRejects: 1 }), { run: 3, rows: { inserted: 1, rejected: 1 } })
  t.match(await failure(t, ingest(bad, options)), { code: 'TOO_MANY_REJECTS' })
  t.same((await clean({ ...options, olderThan: '1h' })).runs, [])
  t.same((await clean({ ...options, dryRun: true })).runs, [4])
  t.same((await clean({ ...options, run: 4, olderThan: 0 })).runs, [4])

  t.match(await aggregate('products', 'sku', options), { action: 'created', groups: 3 })
  t.match(await analyze('goods', { ...options, config }), { views: [{ rows: 3 }] })
  await db.run('DROP VIEW named')
  t.match((await migrate.down(options)).removed, ['products_agg'])
})

t.test('an error of onEvent ends the command, and is not taken for a fault in dasy', async (t) => {
  const db = await testDatabase(t)
  const rows = Array.from({ length: 20 }, (_, row) => `${row},name\n`)
  const source = file(t, `sku,name\n${rows.join('')}`)
  // Nothing is retried or resumed by itself, whatever was thrown.
  const causes = [new TypeError('mine'), new DasyError('CONNECTION_LOST', 'mine'), 'mine', 0]
  for (const type of ['phase', 'note', 'resumed', 'progress', 'step', 'receipt'])
    for (const [index, cause] of (type === 'progress' ? causes : causes.slice(0, 1)).entries()) {
      let calls = 0
      const table = `on_${type}_${index}`
      const onEvent = (event: { type: string }) => {
        if (event.type !== type) return
        calls += 1
        throw cause
      }
      const options = { databaseUrl: db.url, table, workers: 1, onEvent }
      const error = await failure(t, ingest(source, options))
      t.match(error, { code: 'LISTENER_FAILED', exitStatus: 1, details: { event: type } })
      t.equal(error.cause, cause, 'what was thrown is the cause')
      t.match(error.message, `"${type}": ${cause === 0 ? 0 : 'mine'}`)
      t.equal(calls, 1)
      const { there } = await db.row(`SELECT to_regclass('${table}') IS NOT NULL AS there`)
      t.equal(there, type === 'receipt', 'only a receipt comes after the commit')
      if (type === 'receipt') t.match(error.hint, /^Run \d+ is complete/)
    }
  t.same(await db.lastingStrangers(), [], 'no session is left')
})

t.test('an option that a function does not have, or a value that it does not take, is refused', async (t) => {
  const untyped = { databaseUrl: 'postgresql://nobody@localhost:1/nothing', forse: true } as object
  const calls: Record<string, () => Promise<unknown>> = {
    ingest: () => ingest('x.csv', untyped),
    update: () => update('x.csv', untyped),
    inspect: () => inspect('x.csv', untyped),
    resume: () => resume(1, untyped),
    aggregate: () => aggregate('products', 'name', untyped),
    analyze: () => analyze('goods', untyped),
    runs: () => runs(untyped),
    rejects: () => all(rejects(1, untyped)),
    clean: () => clean(untyped),
    'migrate.up': () => migrate.up(untyped),
    'migrate.down': () => migrate.down(untyped),
    'migrate.status': () => migrate.status(untyped),
  }
  for (const [called, call] of Object.entries(calls)) {
    const error = await failure(t, call())
    t.match(error, { code: 'BAD_OPTION', exitStatus: 2, details: { option: 'forse' } }, called)
    t.match(error.message, `"${called}"`)
  }
  for (const call of [
    () => runs({ run: 0 }),
    () => runs({ limit: 1.5 }),
    () => all(rejects(Number.NaN)),
    () => resume(-1),
    () => clean({ run: 0 }),
    () => clean({ olderThan: '7w' }),
    () => clean({ olderThan: -1 }),
  ])
    t.match(await failure(t, call()), { code: 'BAD_OPTION', exitStatus: 2 })
})

t.test('how long a merge will take is said of a load of many records, if there was one before', async (t) => {
  const db = await testDatabase(t)
  const load = async (source: string): Promise<unknown[]> => {
    const expected: unknown[] = []
    const onEvent = (event: { type: string; seconds?: unknown }) => {
      if (event.type === 'expected') expected.push(event.seconds)
    }
    await ingest(source, { databaseUrl: db.url, onEvent })
    return expected
  }
  const many = generatedProducts(t, 10_000)
  t.same(await load(many), [])
  const [seconds, ...others] = await load(many)
  t.same(others, [])
  t.type(seconds, 'number')
  const few = generatedProducts(t, 9_999)
  t.same(await load(few), [], 'nobody has to wait for them')
})
