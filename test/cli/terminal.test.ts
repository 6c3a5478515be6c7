import t from 'tap'
import { withoutReading } from '../support/cli-failure.js'
import { CliProcess, hasTerminal } from '../support/cli-process.js'
import { Screen } from '../support/cli-screen.js'
import { testDatabase } from '../support/database.js'
import { file, generatedProducts } from '../support/files.js'
import { slowPipeOf } from '../support/pipe.js'

/** What a load looks like on a terminal. There is one where util-linux's `script` is. */

const small = file(t, 'sku,name\na,Ann\n')

if (hasTerminal()) {
  // Ranges of a few records: so it takes long enough wherever it runs.
  const slowly = ['ingest', generatedProducts(t, 6000), '--range-size', '1000']

  for (const columns of [20, 40, 66, 200]) {
    t.test(`in ${columns} columns the bar stays on its line, and the receipt takes its place`, async (t) => {
      const db = await testDatabase(t)
      const load = CliProcess.start(t, [...slowly, '--database-url', db.url], { columns })
      const { status, stdout: output } = await load.ended
      t.equal(status, 0)
      t.match(output, /comma, UTF-8, CRLF, header: /, 'it tells how the file is read')
      const stdout = withoutReading(output)
      const receipt = stdout.lastIndexOf(' → products')
      const upTo = stdout.lastIndexOf('\x1b', receipt) // the file's name follows
      const bars = new Screen(columns, stdout.slice(0, upTo))
      t.match(stdout.slice(0, upTo), /copy +\d+ %/, 'it tells how far it is')
      if (columns >= 66) t.match(stdout, /[█░]{8,} {2}copy +\d+ %.* of \d+\.\d MB/, 'with a bar and bytes')
      t.same(bars.wrapped, [], 'no line is longer than the terminal is wide')
      t.same(bars.lines, [], 'nothing of the bar is left')
      const whole = new Screen(1000, stdout)
      t.ok(whole.cursorShown, 'the cursor is shown again')
      t.match(
        whole.lines,
        [/ → products \(sku\)$/, /^run 1 completed /, /^ +read +6,000 /],
        'only the receipt stays',
      )
    })
  }

  t.test('of a pipe it tells what has come, and pretends to know no end', async (t) => {
    const db = await testDatabase(t)
    const pipe = slowPipeOf(t, generatedProducts(t, 20_000), 2_000_000)
    const load = CliProcess.start(t, ['ingest', pipe, '--database-url', db.url], { columns: 100 })
    const { status, stdout } = await load.ended
    t.equal(status, 0)
    t.match(stdout, /copy +[1-9][\d.]* [kM]B +[\d,]+ records\/s/)
    t.notMatch(stdout, /copy[^\r\n]*%|[█░]/)
  })

  t.test('the line follows the width of its terminal', async (t) => {
    const db = await testDatabase(t)
    await db.run('CREATE TABLE products (sku text PRIMARY KEY, name text)')
    const holder = await db.client()
    await holder.query('BEGIN; LOCK TABLE products IN SHARE MODE')
    const load = CliProcess.start(t, ['ingest', small, '--database-url', db.url], { columns: 100 })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal is spoken to in these
    const lines = () => [...load.stdout.matchAll(/[█░ ]*merge[^\r\n\x1b]*/g)].map(([line]) => line.trimEnd())
    await load.until('there is a wide line', () => lines().some((line) => line.length > 20))
    load.resize(20)
    await load.until('there is a narrow one', () => (lines().at(-1)?.length ?? 20) < 20)
    await holder.query('COMMIT')
    t.equal((await load.ended).status, 0)
  })

  t.test('Ctrl-C on the terminal ends it with status 130, a clean line and a cursor', async (t) => {
    const db = await testDatabase(t)
    const load = CliProcess.start(t, [...slowly, '--database-url', db.url], { columns: 80 })
    await load.until('it copies', () => /copy +[1-9]\d? %/.test(load.stdout))
    load.type('\x03')
    const { status, stdout } = await load.ended
    t.equal(status, 130)
    const screen = new Screen(80, withoutReading(stdout))
    t.ok(screen.cursorShown, 'the cursor is shown again')
    const [said, remedy, ...rest] = screen.lines.map((line) => line.replace(/^\^C/, '')).filter(Boolean)
    t.match(said, /^dasy: interrupted; the table is as it was$/)
    t.match(remedy, /^ {6}\S[^█░%]+$/, 'nothing of the bar is left beside it')
    t.same(rest, [])
  })

  t.test('--quiet shows nothing on a terminal either', async (t) => {
    const db = await testDatabase(t)
    const load = CliProcess.start(t, ['ingest', small, '--database-url', db.url, '--quiet'], { columns: 80 })
    const { status, stdout } = await load.ended
    t.same({ status, stdout }, { status: 0, stdout: '' })
  })

  t.test('what asks first takes no for an answer, and yes', async (t) => {
    const db = await testDatabase(t)
    await db.run('CREATE TABLE mine (sku text PRIMARY KEY)')
    const down = async (answer: string) => {
      const command = CliProcess.start(t, ['migrate', 'down', '--database-url', db.url], { columns: 80 })
      await command.until('it asks', () => command.stdout.includes('[y/N]'))
      command.type(`${answer}\r`)
      return command.ended
    }
    const up = CliProcess.start(t, ['migrate', 'up', '--database-url', db.url])
    t.equal((await up.ended).status, 0)
    const no = await down('')
    t.not(no.status, 0)
    t.match(no.stdout, /nothing was removed/)
    t.not(await db.value("SELECT to_regclass('products')"), null)
    t.equal((await down('y')).status, 0)
    t.equal(await db.value("SELECT to_regclass('products')"), null)
  })
}
