/** Command lines, without a process: what yargs reads, in dasy's terms. */
import t from 'tap'
import type { Command } from '../../lib/cli/command.js'
import { commands } from '../../lib/cli/commands.js'
import { candidatesFor } from '../../lib/cli/completion/candidates.js'
import { findCommand, missingSubcommand, unknownCommand } from '../../lib/cli/find-command.js'
import { toLoadOptions } from '../../lib/cli/load-options.js'
import { parse, wordsOf } from '../../lib/cli/parse.js'

function read(line: string) {
  const args = line.split(' ')
  const found = findCommand(wordsOf(args, commands), commands)
  if (!found) throw new Error(`no command: ${line}`)
  return parse(args, found.command, found.depth, commands)
}

t.test('a flag and its value may be written in several ways', async (t) => {
  for (const line of ['--table x', '--table=x', '-t x', '-tx', '-qtx', '-qt=x'])
    t.match(read(`ingest a.csv ${line}`), { source: ['a.csv'], table: 'x' }, line)
  t.match(read('--json ingest a.csv'), { json: true, source: ['a.csv'] }, 'before the command')
  t.match(read('ingest a.csv --json=false --no-header'), { json: false, header: false })
  t.match(read('ingest --quiet -- -a.csv --b.csv'), { quiet: true, source: ['-a.csv', '--b.csv'] })
  t.match(read('ingest a.csv --null=-x --map a=b --map c=d'), { null: '-x', map: ['a=b', 'c=d'] })
  t.match(read('runs clean 5 --dry-run'), { run: '5', dryRun: true })
})

t.test('a wrong command line is refused with the remedy', async (t) => {
  const cases: [string, string, RegExp][] = [
    ['ingest a --tabel x', 'unknown flag --tabel of "dasy ingest"', /Did you mean --table\?/],
    ['ingest a -z', 'unknown flag -z of "dasy ingest"', /dasy ingest --help/],
    ['ingest a --existing-only', 'unknown flag --existing-only of "dasy ingest"', /a flag of "dasy update"/],
    ['ingest a --no-table', 'unknown flag --no-table of "dasy ingest"', /has no --no- form/],
    ['ingest a --constructor', 'unknown flag --constructor of "dasy ingest"', /--help/],
    ['ingest a --key', '--key needs a value', /--help/],
    ['ingest a --null -x', '--null needs a value', /--null=-x/],
    ['ingest a --json=maybe', '--json=maybe: --json takes no value', /--json or --no-json/],
    ['ingest a --key a --key b', '--key is given more than once', /once/],
    ['ingest', '"dasy ingest" needs SOURCE, such as a file', /--help/],
    ['runs 1 2', 'unexpected argument "2"', /dasy runs --help/],
    ['completion bsh', 'unknown shell "bsh"', /"dasy completion bash"/],
  ]
  for (const [line, message, hint] of cases)
    t.throws(() => read(line), { code: 'USAGE', exitStatus: 2, message, hint }, line)
})

t.test('an unknown command gets a suggestion', async (t) => {
  t.match(unknownCommand('ingst', commands), { message: 'unknown command "ingst"', hint: /"dasy ingest"/ })
  t.match(unknownCommand('LOAD', commands), { hint: /"dasy ingest"/ })
  t.match(unknownCommand('frobnicate', commands), { hint: /dasy --help/ })
  const db = commands.find(({ name }) => name === 'db') as Command
  t.match(missingSubcommand(db, undefined), { message: /needs a subcommand: start, stop/ })
  t.match(missingSubcommand(db, 'strat'), { message: /"strat" of "dasy db"/, hint: /"dasy db start"/ })
  t.equal(findCommand(['db', 'start'], commands)?.depth, 2)
  t.equal(findCommand(['nothing'], commands), undefined)
})

t.test('arguments become options of the library', async (t) => {
  const argv = read(
    'ingest a.csv --workers 2 --skip-lines 3 --map a=b=c --ignore x,y --ignore z --set d= --no-header',
  )
  t.match(toLoadOptions(argv), {
    workers: 2,
    skipLines: 3,
    map: { a: 'b=c' },
    ignore: ['x', 'y', 'z'],
    set: { d: '' },
    header: false,
    table: undefined,
  })
  const cases: [string, RegExp][] = [
    ['--workers two', /--workers "two": must be a whole number/],
    ['--map a', /--map "a": must be NAME=VALUE/],
    ['--map a=b --map a=c', /"a" is given twice/],
  ]
  for (const [flags, message] of cases)
    t.throws(() => toLoadOptions(read(`ingest a.csv ${flags}`)), { code: 'BAD_OPTION', message }, flags)
})

t.test('what completion offers', async (t) => {
  const offered = (line: string) =>
    candidatesFor(line.split(' '), commands).candidates.map(({ word }) => word)
  t.same(offered('--'), ['--help', '--color', '--version'], 'the flags of all commands')
  t.same(offered('-'), ['--help', '--color', '--version'])
  t.same(offered('--color --').slice(0, 2), ['--help', '--version'], 'those that are not given yet')
  t.ok(offered('--n').includes('--no-color'))
  t.notOk(offered('--n').some((word) => word === '--no-version' || word === '--no-help'))
  t.ok(offered('--color ').includes('ingest'), 'then a command')
  t.same(offered('frobnicate --'), [], 'nothing after an unknown command')
  t.ok(offered('ingest --').includes('--on-conflict'))
  t.notOk(offered('ingest --key a --').includes('--key'))
  t.ok(offered('ingest --map a=b --').includes('--map'), 'it may be repeated')
  t.same(offered('ingest --on-conflict '), ['update', 'skip', 'error'])
  t.match(candidatesFor(['ingest', '--table=pro'], commands), {
    values: 'table',
    typed: 'pro',
    prefix: '--table=',
  })
  t.match(candidatesFor(['ingest', '--', '--x'], commands), { values: 'file' })
})
