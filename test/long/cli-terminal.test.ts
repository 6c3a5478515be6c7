import t from 'tap'
import { CliProcess, hasTerminal } from '../support/cli-process.js'
import { progressOf, screenOf } from '../support/cli-screen.js'
import { testDatabase } from '../support/database.js'
import { file, generatedProducts } from '../support/files.js'
import { slowPipeOf } from '../support/pipe.js'

/** What a load looks like on a terminal. There is one where util-linux's `script` is. */

const small = file(t, 'sku,name\na,Ann\n')

if (hasTerminal()) {
  // Ranges of a few records: so it takes long enough wherever it runs.
  const slowly = ['ingest', generatedProducts(t, 6000), '--range-size', '1000']

  for (const columns of [20, 40, 66, 80, 200]) {
    t.test(`in ${columns} columns the notes stay, and the receipt takes the place of the bar`, async (t) => {
      const db = await testDatabase(t)
      const load = CliProcess.start(t, [...slowly, '--database-url', db.url], { columns })
      const { status, stdout } = await load.ended
      t.equal(status, 0)
      const drawn = progressOf(stdout)
      t.ok(
        drawn.some((line) => /copy +\d+ %/.test(line)),
        'it tells how far it is',
      )
      t.same(
        drawn.filter((line) => line.length >= columns),
        [],
        'no line is longer than the terminal is wide',
      )
      if (columns >= 66) t.match(stdout, /[█░]{8,} {2}copy +\d+ %.* of \d+\.\d MB/, 'with a bar and bytes')
      const { text, cursorShown } = await screenOf(columns, stdout)
      t.ok(cursorShown, 'the cursor is shown again')
      t.notMatch(text, /[█░]|so far|records\/s +\d+ s left/, 'nothing of the bar is left')
      t.match(
        text,
        /^dasy: .*: comma, UTF-8, CRLF, header: .*\n.* → products \(sku\)\nrun 1 completed .*\n\n +read +6,000 /,
        'the note stays above the receipt',
      )
    })
  }

  t.test('every note is there when the run ends, whatever came between', async (t) => {
    const db = await testDatabase(t)
    const latin = file(t, Buffer.from('sku,name\na,Caf\xe9\n', 'latin1'))
    const args = ['ingest', latin, '--max-rejects', '1', '--database-url', db.url]
    const holder = await db.client()
    await holder.query('CREATE TABLE products (sku text PRIMARY KEY, name text)')
    await holder.query('BEGIN; LOCK TABLE products IN SHARE MODE')
    const first = CliProcess.start(t, args, { columns: 80 })
    await first.until('it merges', () => first.stdout.includes('writing rows'))
    first.type('\x03')
    t.equal((await first.ended).status, 130)
    await holder.query('COMMIT')
    const { stdout, status } = await CliProcess.start(t, args, { columns: 80 }).ended
    t.equal(status, 0)
    const { text } = await screenOf(80, stdout)
    for (const note of ['WIN1252', '--encoding', '(--restart ', 'run 1 completed']) t.match(text, note)
    t.notMatch(text, /[█░]|so far/)
  })

  t.test('of a pipe it tells what has come, and pretends to know no end', async (t) => {
    const db = await testDatabase(t)
    const pipe = slowPipeOf(t, generatedProducts(t, 20_000), 2_000_000)
    const load = CliProcess.start(t, ['ingest', pipe, '--database-url', db.url], { columns: 100 })
    const { status, stdout } = await load.ended
    t.equal(status, 0)
    t.match(stdout, /copy +[1-9][\d.]* [kM]B +[\d,]+ records\/s/)
    t.notMatch(stdout, /copy[^\r\n]*%|[█░]+ {2}copy/)
  })

  t.test('the merge shows its steps, and by earlier runs how long it will take', async (t) => {
    const db = await testDatabase(t)
    // How long fewer than 10,000 records will take is not told.
    const records = (name: string) =>
      file(t, `sku,name\n${Array.from({ length: 10_000 }, (_, i) => `${i},${name}\n`).join('')}`)
    const before = CliProcess.start(t, ['ingest', records('Ann'), '--database-url', db.url])
    t.equal((await before.ended).status, 0)
    await db.run(`UPDATE dasy.runs SET seconds = seconds || '{"merge": 1000, "aggregate": 200}'`)
    const holder = await db.client()
    await holder.query('BEGIN; LOCK TABLE products IN SHARE MODE')
    const load = CliProcess.start(t, ['ingest', records('Bob'), '--database-url', db.url], { columns: 100 })
    await load.until('it waits', () => load.stdout.includes('writing rows'))
    await holder.query('COMMIT')
    const { status, stdout } = await load.ended
    t.equal(status, 0)
    for (const step of ['finding duplicates', 'writing rows'])
      t.match(stdout, new RegExp(`[█░]+ {2}merge {2}${step} {2}(20:00|19:\\d\\d) left`))
    t.match(stdout, /aggregate {2}updating aggregates/)
  })

  t.test('the line follows the width of its terminal', async (t) => {
    const db = await testDatabase(t)
    await db.run('CREATE TABLE products (sku text PRIMARY KEY, name text)')
    const holder = await db.client()
    await holder.query('BEGIN; LOCK TABLE products IN SHARE MODE')
    const load = CliProcess.start(t, ['ingest', small, '--database-url', db.url], { columns: 100 })
    const lines = () => progressOf(load.stdout).filter((line) => line.includes('merge'))
    await load.until('there is a wide line', () => lines().some((line) => line.length > 20))
    load.resize(20)
    await load.until('there is a narrow one', () => (lines().at(-1)?.length ?? 20) < 20)
    await holder.query('COMMIT')
    t.equal((await load.ended).status, 0)
  })

  t.test('Ctrl-C is acknowledged before anything is cleaned up, and ends it with status 130', async (t) => {
    const db = await testDatabase(t)
    const load = CliProcess.start(t, [...slowly, '--database-url', db.url], { columns: 80 })
    await load.until('it copies', () => /copy +[1-9]\d? %/.test(load.stdout))
    load.type('\x03')
    const { status, stdout } = await load.ended
    t.equal(status, 130)
    const { text, cursorShown } = await screenOf(80, stdout)
    t.ok(cursorShown, 'the cursor is shown again')
    const [reading, first, said, remedy, ...rest] = text.split('\n').filter((line) => !line.startsWith('^C'))
    t.match(reading, /header: /)
    t.match(first, /^dasy: stopping; Ctrl-C again /)
    t.match(said, /^dasy: interrupted; the table is as it was$/)
    t.match(remedy, /^ {6}\S[^█░%]+$/, 'nothing of the bar is left beside it')
    t.same(rest, [])
  })

  t.test('--quiet shows nothing on a terminal either, --no-progress only notes', async (t) => {
    const db = await testDatabase(t)
    const args = ['ingest', small, '--database-url', db.url]
    const { status, stdout } = await CliProcess.start(t, [...args, '--quiet'], { columns: 80 }).ended
    t.same({ status, stdout }, { status: 0, stdout: '' })
    const notes = await CliProcess.start(t, [...args, '--no-progress'], { columns: 80 }).ended
    t.same(progressOf(notes.stdout), [])
    t.match(notes.stdout, /header: sku, name/)
  })

  t.test('what asks first takes no for an answer, the end of input as well, and yes', async (t) => {
    const db = await testDatabase(t)
    await db.run('CREATE TABLE mine (sku text PRIMARY KEY)')
    const down = async (answer: string) => {
      const command = CliProcess.start(t, ['migrate', 'down', '--database-url', db.url], { columns: 80 })
      await command.until('it asks', () => command.stdout.includes('[y/N]'))
      command.type(answer)
      return command.ended
    }
    const up = CliProcess.start(t, ['migrate', 'up', '--database-url', db.url])
    t.equal((await up.ended).status, 0)
    for (const answer of ['\r', 'n\r', 'yeah\r', '\x04']) {
      const no = await down(answer)
      t.equal(no.status, 1)
      t.match(no.stdout, /nothing was removed/)
    }
    t.equal((await down('\x03')).status, 130)
    t.not(await db.value("SELECT to_regclass('products')"), null)
    t.equal((await down('y\r')).status, 0)
    t.equal(await db.value("SELECT to_regclass('products')"), null)
  })

  t.test('colors are for terminals, and whoever does not want them gets none', async (t) => {
    const bold = '\x1b[1m'
    const help = async (args: string[], env: Record<string, string>, columns?: number) =>
      (await CliProcess.start(t, ['help', ...args], { env: { TERM: 'xterm', ...env }, columns }).ended).stdout
    t.match(await help([], {}, 80), bold)
    t.notMatch(await help([], {}), bold)
    t.notMatch(await help([], { NO_COLOR: '1' }, 80), bold)
    t.notMatch(await help(['--no-color'], {}, 80), bold)
    t.notMatch(await help([], { TERM: 'dumb' }, 80), bold)
    t.match(await help([], { FORCE_COLOR: '1' }), bold)
    t.match(await help(['--color'], {}), bold)
    t.notMatch(await help(['--no-color'], { FORCE_COLOR: '1' }), bold)
  })

  t.test('without a command there is help', async (t) => {
    const { status, stdout } = await CliProcess.start(t, [], { columns: 80 }).ended
    t.equal(status, 0)
    t.match(stdout, /Usage:.* dasy COMMAND/)
  })
}
