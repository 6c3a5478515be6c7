import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { dasy } from '../support/cli.js'
import { failsForPeople, failsForPrograms } from '../support/cli-failure.js'
import { file, folder } from '../support/files.js'

/** Command lines that are wrong: status 2, what is wrong by its name, and the remedy; and nothing was started. */

type Case = [args: string[], ...says: (string | RegExp)[]]

const csv = file(t, 'sku,name\na,b\n')

async function refuses(name: string, cases: Case[]): Promise<void> {
  await t.test(name, async (t) => {
    const cwd = folder(t)
    for (const [args, ...says] of cases) await failsForPeople(t, args, { status: 2, says }, { cwd })
    t.notOk(existsSync(join(cwd, '.dasy')), 'no server was made')
  })
}

await refuses('a misspelt flag or command is refused, and the near one suggested', [
  [['ingst', csv], '"ingst"', '"dasy ingest"'],
  [['ingest', csv, '--tabel', 'x'], '--tabel', '--table?'],
  [['ingest', csv, '--max-reject=1'], '--max-reject', '--max-rejects?'],
  [['runs', '--jsn'], '--jsn', '--json?'],
  [['migrate', 'dwn'], '"dwn"', '"dasy migrate down"'],
  [['db', 'strat'], '"strat"', '"dasy db start"'],
])

await refuses('what is near nothing is refused as well, and it is said where to look', [
  [['frobnicate'], '"frobnicate"', '--help'],
  [['ingest', csv, '--frobnicate'], '--frobnicate', '--help'],
  [['ingest', csv, '-z'], /unknown flag -z\b/, '--help'],
  [['ingest', csv, '--no-frobnicate'], 'frobnicate', '--help'],
  [['db', 'frobnicate'], '"frobnicate"', /start, stop, status, url, destroy/],
])

await refuses('a missing argument is named', [
  [[], /no command/, '--help'],
  [['ingest'], /\bFILE\b/i, 'dasy ingest --help'],
  [['update', '--quiet'], /\bFILE\b/i, 'dasy update --help'],
  [['aggregate', 'products'], /\bCOLUMN\b/i, 'dasy aggregate --help'],
  [['migrate'], /ACTION|up, down, status/, 'dasy migrate --help'],
  [['db'], /ACTION|start, stop, status/, 'dasy db --help'],
])

await refuses('an argument too many is named', [
  [['aggregate', 'products', 'name', 'size'], '"size"'],
  [['runs', '1', '2'], '"2"'],
  [['db', 'stop', 'now'], '"now"'],
])

await refuses('a flag that is given twice is named', [
  [['ingest', csv, '--table', 'a', '--table', 'b'], '--table'],
  [['ingest', csv, '-t', 'a', '--table', 'b'], '--table'],
  [['update', csv, '--key', 'a', '--key', 'b'], '--key'],
])

await refuses('a flag without its value, or with one that it does not take, is named', [
  [['ingest', csv, '--key'], '--key'],
  [['ingest', csv, '--table', '--quiet'], '--table'],
  [['ingest', csv, '--no-table'], '--no-table'],
  [['ingest', csv, '--json=maybe'], '--json'],
])

await refuses('a value that does not fit is told, with the flag and what it takes', [
  [['ingest', csv, '--workers', '0'], '--workers', /from 1 /],
  [['ingest', csv, '--workers=-1.5'], '--workers', /whole number/],
  [['ingest', csv, '--workers', 'many'], '--workers', 'many', /whole number/],
  [['ingest', csv, '--range-size', '0'], '--range-size', /from 1 /],
  [['ingest', csv, '--max-rejects', '-1'], '--max-rejects', /percentage/],
  [['ingest', csv, '--max-rejects', '1.5'], '--max-rejects', /count/],
  [['ingest', csv, '--max-rejects', '101%'], '--max-rejects', '101%'],
  [['ingest', csv, '--max-rejects', 'few'], '--max-rejects', 'few'],
  [['ingest', csv, '--null', 'a,b'], '--null', 'a,b'],
  [['ingest', csv, '--null', 'a"b'], '--null', /quote/],
  [['ingest', csv, '--null', 'a\nb'], '--null', /line break/],
  [['ingest', csv, '--work-mem', '128'], '--work-mem "128"', /64MB/],
  [['ingest', csv, '--work-mem', '63kB'], '--work-mem', /64kB/],
  [['resume', '1', '--work-mem', '2048GB'], '--work-mem', /2047GB/],
  [['update', csv, '--parallel', 'many'], '--parallel "many"'],
  [['update', csv, '--parallel', '1025'], '--parallel', /1024/],
  [['update', csv, '--max-record', '1023'], '--max-record', /1KiB/],
  [['update', csv, '--max-record', '513MiB'], '--max-record', /512MiB/],
  [['update', csv, '--max-record', '64 miles'], '--max-record', '64 miles'],
  [['ingest', csv, '--encoding', ' '], '--encoding', /LATIN1/],
  [['ingest', csv, '--duplicates', 'lst'], '--duplicates', 'lst', /last, first/],
  [['update', csv, '--on-conflict', 'ignore'], '--on-conflict', 'ignore', /update, skip/],
  [['ingest', csv, '--key', 'sku,'], '--key', 'sku,'],
  [['ingest', csv, '--key', 'sku, sku'], '--key', /twice/],
  [['ingest', csv, '--table', 'a.b.c'], '--table', 'a.b.c'],
  [['ingest', csv, '--table', 't'.repeat(64)], '--table', /63/],
  [['aggregate', 'products', 'name', '--as', 'list'], '--as', 'list', /table/],
  [['aggregate', 'products', 'name', '--top', 'few'], '--top', 'few'],
  [['aggregate', 'products', 'name', '--into', 'a.b.c'], '--into', 'a.b.c'],
  [['aggregate', 'products', 'name', '--as', 'view', '--manual'], '--manual', /view/],
  [['runs', '0'], '0', /whole number/],
  [['runs', 'last'], 'last', /whole number/],
  [['runs', '--limit', '0'], '--limit', /whole number/],
])

t.test('with --json the mistake is one object on standard output, wherever the flag stands', async (t) => {
  const usage = { status: 2, code: 'USAGE' }
  await failsForPrograms(t, ['ingst'], { ...usage, says: ['"dasy ingest"'] })
  await failsForPrograms(t, ['ingest'], { ...usage, says: [] })
  await failsForPrograms(t, ['ingest', csv, '--tabel', 'x'], { ...usage, says: ['--table?'] })
  await failsForPrograms(t, ['ingest', csv, '--key'], { ...usage, says: ['--key'] })
  const wrong = ['ingest', csv, '--workers', 'x']
  await failsForPrograms(t, wrong, { status: 2, code: 'BAD_OPTION', says: ['--workers'] })
  const first = (await dasy(['--json', 'ingst'])).expectStatus(2)
  t.match(first.json(), { error: { code: 'USAGE' } })
})

t.test('a bad DASY_HISTORY_DAYS is found before a server is asked', async (t) => {
  const env = { DASY_HISTORY_DAYS: 'x', DATABASE_URL: 'postgresql://localhost:1/none' }
  for (const args of [
    ['ingest', csv],
    ['update', csv],
    ['plan', csv],
    ['purge', 'products', '--yes'],
  ])
    await failsForPeople(t, args, { status: 2, says: ['DASY_HISTORY_DAYS "x"'] }, { env })
})
