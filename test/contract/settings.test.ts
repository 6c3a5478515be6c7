import t from 'tap'
import type { LoadOptions } from '../../lib/contract/options.js'
import { resolveOptions } from '../../lib/contract/settings.js'
import { outcomeOptions, resolveStoredOptions } from '../../lib/contract/stored-settings.js'

const read = (path: string) => ({ path, digest: `digest of ${path}`, statements: [] }) as never
const resolved = (options: LoadOptions) => resolveOptions(options, read)
const stored = (options: LoadOptions) => JSON.stringify(outcomeOptions(resolved(options)))

/** Options that say where a load runs and who hears of it, not what it does. */
type Surroundings = 'databaseUrl' | 'onEvent' | 'ofProcess' | 'signal'

/** Each option with another value than it has by default. The compiler sees to it that none is missing. */
const OTHERS: Record<Exclude<keyof LoadOptions, Surroundings>, LoadOptions> = {
  table: { table: 'goods' },
  key: { key: 'id' },
  duplicates: { duplicates: 'first' },
  onConflict: { onConflict: 'skip' },
  existingOnly: { existingOnly: true },
  addColumns: { addColumns: true },
  maxRejects: { maxRejects: '1%' },
  sync: { sync: true },
  syncWhere: { sync: true, syncWhere: 'a = 1' },
  maxDeletes: { sync: true, maxDeletes: 7 },
  syncDespiteRejects: { sync: true, syncDespiteRejects: true },
  history: { history: false },
  delimiter: { delimiter: ';' },
  quote: { quote: 'none' },
  escape: { escape: '\\' },
  header: { header: false, columns: 'sku' },
  columns: { header: false, columns: 'sku,name' },
  skipLines: { skipLines: 1 },
  trim: { trim: true },
  encoding: { encoding: 'LATIN1' },
  null: { null: 'NULL' },
  lenientQuotes: { lenientQuotes: true },
  maxRecord: { maxRecord: '1MiB' },
  maxSize: { maxSize: '1GB' },
  maxRatio: { maxRatio: 7 },
  map: { map: { a: 'b' } },
  ignore: { ignore: 'a' },
  set: { set: { a: 'b' } },
  types: { types: 'a:int' },
  infer: { infer: true },
  before: { before: 'a.sql' },
  after: { after: 'a.sql' },
  aggregates: { aggregates: [{ column: 'a' }] },
  workers: { workers: 255 },
  rangeSize: { rangeSize: 1000 },
  workMem: { workMem: '1GB' },
  parallel: { parallel: 3 },
  retryFor: { retryFor: 7 },
  restart: { restart: true },
  trustOwner: { trustOwner: true },
  historyDays: { historyDays: 7 },
}

/** Those with which a run can be resumed. */
const TUNING = [
  'workers',
  'rangeSize',
  'workMem',
  'parallel',
  'retryFor',
  'restart',
  'trustOwner',
  'historyDays',
]

t.test('a load is another one by all options but those that say how the work is done', async (t) => {
  const usual = { stored: stored({}), tuning: resolved({}).tuning }
  for (const [name, options] of Object.entries(OTHERS)) {
    const isTuning = TUNING.includes(name)
    t.equal(stored(options) === usual.stored, isTuning, `${name} decides the outcome: ${!isTuning}`)
    if (isTuning) t.strictNotSame(resolved(options).tuning, usual.tuning, `${name} is heard`)
  }
})

t.test('a run that is resumed keeps its settings, but for the limit of rejects and the tuning', async (t) => {
  const run = resolved({ key: 'id', before: 'a.sql', maxRejects: 5, workers: 1 })
  const ledger = JSON.parse(JSON.stringify(outcomeOptions(run)))
  const resume = (options: LoadOptions) => resolveStoredOptions(ledger, options, read)
  t.match(resume({ workers: 1 }), JSON.parse(JSON.stringify(run)))
  t.match(resume({ maxRejects: '2%', workers: 3 }), {
    mapping: { key: ['id'] },
    policy: { maxRejects: { percent: 2 } },
    tuning: { workers: 3 },
  })
})

t.test('a setting that is newer than a run has its default when that is resumed', async (t) => {
  const ledger = JSON.parse(JSON.stringify(outcomeOptions(resolved({ key: 'id', maxRejects: 5 }))))
  // As if an earlier version, without these, had stored it.
  for (const [group, name] of [
    ['reading', 'trim'],
    ['mapping', 'addColumns'],
    ['policy', 'aggregates'],
    ['limits', 'maxRatio'],
  ] as const)
    delete ledger[group][name]
  const settings = resolveStoredOptions(ledger, {}, read)
  t.equal(settings.reading.trim, false)
  t.equal(settings.mapping.addColumns, false)
  t.same(settings.policy, { ...resolved({}).policy, maxRejects: { count: 5 } })
  t.equal(settings.limits.maxRatio, 1000)
  t.same(settings.mapping.key, ['id'])
})

t.test('a run that deletes rows can be resumed with another limit, any other cannot', async (t) => {
  const ledger = (options: LoadOptions) => JSON.parse(JSON.stringify(outcomeOptions(resolved(options))))
  const sync = { sync: true, syncWhere: 'a = 1' }
  t.same(resolveStoredOptions(ledger(sync), {}, read).policy.sync, {
    where: 'a = 1',
    maxDeletes: { percent: 10 },
    despiteRejects: false,
  })
  const resumed = resolveStoredOptions(ledger(sync), { maxDeletes: '100%', syncDespiteRejects: true }, read)
  t.match(resumed.policy.sync, { where: 'a = 1', maxDeletes: { percent: 100 }, despiteRejects: true })
  for (const options of [{ maxDeletes: 5 }, { syncDespiteRejects: true }])
    t.throws(() => resolveStoredOptions(ledger({}), options, read), { code: 'BAD_OPTION' })
})

t.test('options that belong together', async (t) => {
  t.throws(() => resolved({ header: false }), { code: 'BAD_OPTION', details: { option: '--no-header' } })
  t.throws(() => resolved({ columns: 'a,b' }), { code: 'BAD_OPTION', details: { option: '--columns' } })
  for (const options of [{ syncWhere: 'a' }, { maxDeletes: 5 }, { syncDespiteRejects: true }])
    t.throws(() => resolved(options), { code: 'BAD_OPTION', message: /--sync only/ })
  t.throws(() => resolved({ sync: true, syncWhere: 'a) OR (b' }), {
    message: /--sync-where/,
    details: { option: '--sync-where' },
  })
  t.equal(resolved({ sync: false, syncWhere: 'a', maxDeletes: 5 }).policy.sync, undefined)
  t.match(resolved({ header: false, columns: 'a,b' }).reading, { header: false, columns: ['a', 'b'] })
})
