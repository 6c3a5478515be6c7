import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { flagsOf, withSubcommands } from '../../lib/cli/command.js'
import { commands } from '../../lib/cli/commands.js'
import { manPage } from '../../lib/cli/man.js'
import { dasy } from '../support/cli.js'
import { failsForPeople } from '../support/cli-failure.js'
import { testDatabase } from '../support/database.js'
import { file, folder } from '../support/files.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const all = withSubcommands(commands)

t.test('each command and subcommand has a page of its own, by --help, -h and help', async (t) => {
  for (const { name, examples, run } of all) {
    const words = name.split(' ')
    const { stdout, stderr } = (await dasy([...words, '--help'])).expectStatus(0)
    t.equal(stderr, '')
    t.match(stdout, new RegExp(`^Usage: dasy ${words[0]}`), name)
    t.match(stdout, /^Examples?:\n {2}\S/m, `${name} has an example`)
    for (const [line] of examples) t.match(stdout, line)
    if (run) t.equal((await dasy(['help', ...words])).expectStatus(0).stdout, stdout, `help ${name}`)
    for (const line of stdout.split('\n')) if (line.length > 100) t.fail(`${name}: ${line}`)
  }
  t.equal((await dasy(['ingest', '-h'])).stdout, (await dasy(['help', 'ingest'])).stdout)
  t.equal((await dasy(['help'])).stdout, (await dasy(['--help'])).stdout)
  t.equal((await dasy(['ingest', 'a', '--frob', '--help'])).status, 2)
})

t.test('flags stand in groups, with their values and choices', async (t) => {
  const { stdout } = (await dasy(['help', 'ingest'])).expectStatus(0)
  const headings = stdout.match(/^[A-Z]\w+(?=:$)/gm)
  const groups = ['Source', 'Dialect', 'Table', 'Rules', 'Speed', 'Database', 'Output']
  t.same(headings, ['Arguments', ...groups, 'Examples'])
  t.match(stdout, /-t, --table TABLE {2,}/)
  t.match(stdout, /--on-conflict WHAT .*: update,\s+skip, error\s+\(default:\s+update\)/)
  t.match(stdout, /--workers N /)
  for (const flag of ['--quote', '--table', '--max-rejects', '--parallel', '--json'])
    t.match(stdout, new RegExp(`^ +(-\\w, )?${flag} `, 'm'))
})

t.test('every flag without a value has its opposite', async (t) => {
  for (const command of all.filter(({ run }) => run)) {
    const flags = Object.entries(flagsOf(command))
    const negated = flags.flatMap(([name, { type }]) => (type === 'boolean' ? [`--no-${name}`] : []))
    const places = Object.values(command.positionals ?? {}).map(({ choices }) => choices?.[0] ?? '1')
    const { stdout } = await dasy([...command.name.split(' '), ...places, ...negated, '--help'])
    t.match(stdout, /^Usage: /, command.name)
  }
})

t.test('the version', async (t) => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const args of [['version'], ['--version'], ['-V'], ['-v']])
    t.equal((await dasy(args)).expectStatus(0).stdout, `${version}\n`, args.join(' '))
})

t.test('what it is called elsewhere leads to the command', async (t) => {
  const meant = { load: 'ingest', import: 'ingest', copy: 'ingest', LOAD: 'ingest', list: 'runs', ls: 'runs' }
  for (const [word, command] of Object.entries({
    ...meant,
    upsert: 'update',
    retry: 'resume',
    init: 'migrate',
  }))
    await failsForPeople(t, [word], { status: 2, says: [`"${word}"`, `"dasy ${command}"`] })
  await failsForPeople(t, ['help', 'ingst'], { status: 2, says: ['"dasy ingest"'] })
  await failsForPeople(t, ['help', 'db', 'strat'], { status: 2, says: ['"dasy db start"'] })
  await failsForPeople(t, ['help', 'ingest', 'x'], { status: 2, says: ['"x"'] })
  await failsForPeople(t, ['ingest', 'a.csv', '--existing-only'], { status: 2, says: ['"dasy update"'] })
  await failsForPeople(t, ['db', 'start', '--yess'], { status: 2, says: ['--yess', 'dasy db start --help'] })
})

t.test('a value may stand in the same word, or begin with a dash', async (t) => {
  const db = await testDatabase(t)
  const source = file(t, 'id;name\n-;x\n')
  const args = ['ingest', source, '--key=id', '-d=;', '-tthings', '--null', '-', '--database-url', db.url]
  const { stdout } = (await dasy([...args, '--max-rejects', '1', '--json'])).expectStatus(0)
  t.match(JSON.parse(stdout), { table: 'things', rows: { read: 1, rejected: 1 } })
  await failsForPeople(t, ['ingest', source, '--null', '--x'], { status: 2, says: ['--null=--x'] })
})

t.test('the manual is made of the same, and man takes it', async (t) => {
  const page = manPage('1.2.3')
  t.equal(readFileSync(join(root, 'man/dasy.1'), 'utf8').split('\n').length, page.split('\n').length)
  const man = spawnSync('man', ['-l', '--warnings', '-E', 'UTF-8', '-'], {
    input: page,
    encoding: 'utf8',
    env: { ...process.env, MANWIDTH: '100', LC_ALL: 'C.UTF-8' },
  })
  if (man.error) return
  t.equal(man.stderr, '', 'without a warning')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: man prints a bold letter twice
  const text = man.stdout.replace(/.\x08/g, '')
  for (const { name, options = {} } of all) {
    t.match(text, `dasy ${name}`)
    for (const flag of Object.keys(options)) t.match(text, `--${flag}`)
  }
  t.match(text, /EXIT STATUS\n +0 +done/)
})

t.test('where it is not built, one line says how', async (t) => {
  const where = folder(t)
  cpSync(join(root, 'bin'), join(where, 'bin'), { recursive: true })
  cpSync(join(root, 'package.json'), join(where, 'package.json'))
  const ran = spawnSync(process.execPath, [join(where, 'bin/dasy.js'), '--version'], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  })
  t.same([ran.status, ran.stdout], [1, ''])
  t.match(ran.stderr, /^dasy: .*npm run build\n$/)
})

t.test('--verbose prints each statement with its time, and no value', async (t) => {
  const db = await testDatabase(t)
  const source = file(t, 'sku,name\nprivy-key,privy name\n', 'privy.csv')
  const args = ['ingest', source, '--set', 'description=hidden', '--verbose', '--database-url', db.url]
  const { stderr } = (await dasy(args)).expectStatus(0)
  const statements = stderr.match(/^dasy: \d+\.\d ms {2}\S.*$/gm) ?? []
  for (const word of ['BEGIN', 'COPY "dasy"."staging_1"', 'INSERT INTO dasy.runs', 'COMMIT'])
    t.ok(
      statements.some((line) => line.includes(word)),
      word,
      { stderr },
    )
  t.notMatch(statements.join('\n'), /privy|hidden|-- /)
  const quiet = await dasy(['runs', '--database-url', db.url])
  t.equal(quiet.stderr, '')
})
