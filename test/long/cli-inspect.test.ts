import { spawn, spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Inspection } from '../../lib/index.js'
import { dasy } from '../support/cli.js'
import { failsBothWays } from '../support/cli-failure.js'
import { CliProcess } from '../support/cli-process.js'
import { folder, generatedProducts, realFiles } from '../support/files.js'

/** Nobody answers there, and nobody is asked. */
const env = { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/nothing' }

const CONTENT = `id;first name;price;day;note
1;Ann;1.50;2024-02-29;"a
b"
1;Bob;2;2024-03-01;
2;\u001b[2JEve;3;2024-03-02;x
;Zoe;4;2024-03-03;y
3;short
`

t.test('for people it is one page, with the line that would load it', async (t) => {
  const where = folder(t)
  writeFileSync(join(where, "it's.csv"), CONTENT)
  const args = ['inspect', "it's.csv", '--key', 'id', '--null', '-']
  const { stdout, stderr } = (await dasy(args, { env, cwd: where })).expectStatus(0)
  t.equal(stderr, '')
  t.match(stdout, /^it's\.csv \(file\): semicolon, UTF-8, LF, header\n/)
  const rows = [
    /^ {2}column +type +empty +longest +values$/m,
    /^ {2}id +integer +0 +1 +1 · 2$/m,
    /^ {2}first name +text +0 +7 +Ann · Bob · \ufffd\[2JEve$/m,
    /^ {2}price +numeric +0 +4 +1\.50 · 2 · 3$/m,
    /^ {2}day +date +0 +10 +2024-02-29 · /m,
    /^ {2}note +text +1 +3 +a⏎b · x$/m,
    /^ {2}records +5$/m,
    /^ {2}rejected +2 +missing key: 1, too few fields: 1$/m,
    /^ {2}keys +2 +distinct \(id\)$/m,
    /^ {2}duplicates +1 +repeat the key of another record$/m,
    /^ {2}line 6 \(byte \d+\): missing key\n {2}line 7 \(byte \d+\): too few fields: 2 of 5\n {2}1: lines 2, 4$/m,
  ]
  for (const row of rows) t.match(stdout, row)
  const line = stdout.trimEnd().split('\n').at(-1)
  t.equal(
    line,
    "dasy ingest 'it'\\''s.csv' --key id --null=- --types id:integer,price:numeric,day:date --max-rejects 2",
  )
})

t.test('the line that it ends with says what a shell must be told, and no more', async (t) => {
  const where = folder(t)
  writeFileSync(join(where, 'a b.csv'), 'x|y\n1|2\n')
  writeFileSync(join(where, 'p.csv'), 'sku,name\n1,2\n')
  const lastLine = async (...args: string[]) =>
    (await dasy(['inspect', ...args], { env, cwd: where }))
      .expectStatus(0)
      .stdout.trimEnd()
      .split('\n')
      .at(-1)
  t.equal(
    await lastLine('a b.csv', '-d', '|', '--map', 'x=sku', '--map', 'y=name'),
    "dasy ingest 'a b.csv' --delimiter '|' --map x=sku --map y=name --types x:integer,y:integer",
  )
  t.equal(
    await lastLine('a b.csv', '--no-header', '--columns', 'p,q', '--skip-lines', '1'),
    "dasy ingest 'a b.csv' --no-header --columns p,q --skip-lines 1 --table a_b --key :row --types p:integer,q:integer",
  )
  const config = { datasets: { parts: { files: 'p.csv', types: { sku: 'text' } } } }
  writeFileSync(join(where, 'dasy.config.json'), JSON.stringify(config))
  t.equal(await lastLine('p.csv'), 'dasy ingest p.csv')
  t.equal(await lastLine('p.csv', '--dataset', 'parts'), 'dasy ingest p.csv --dataset parts')
})

t.test('--json is one object', async (t) => {
  const { stdout, stderr } = (await dasy(['inspect', realFiles.products, '--json'], { env })).expectStatus(0)
  t.equal(stderr, '')
  const found = JSON.parse(stdout) as Inspection
  t.same(
    Object.keys(found).sort(),
    [
      ...[
        'bytes',
        'columns',
        'dialect',
        'doubts',
        'duplicates',
        'key',
        'keyCandidates',
        'keys',
        'kind',
        'notes',
      ],
      ...['proposal', 'records', 'reasons', 'rejected', 'rejects', 'repeated', 'seconds', 'source'],
    ].sort(),
  )
  t.match(found, { source: realFiles.products, kind: 'file', records: 998, keys: 499, duplicates: 499 })
  t.same(Object.keys(found.columns[0] ?? {}), ['name', 'type', 'samples', 'empty', 'longest'])
})

t.test('standard input, several sources, and nothing at all', async (t) => {
  const where = folder(t)
  writeFileSync(join(where, '1.csv'), 'sku,name\n1,a\n')
  writeFileSync(join(where, '2.csv'), 'name\tsku\nb\t1\nc\n')
  const piped = (await dasy(['inspect', '-'], { env, input: 'sku\n1\n1\n' })).expectStatus(0)
  t.match(piped.stdout, /^standard input \(pipe\): comma/)
  const both = (await dasy(['inspect', '*.csv'], { env, cwd: where })).expectStatus(0)
  t.match(both.stdout, /^1\.csv \(file\): comma.*\n2\.csv \(file\): tab/)
  t.match(both.stdout, /^ {2}2\.csv, line 3 \(byte 13\): too few fields.*\n {2}1: 1\.csv 2, 2\.csv 2$/m)
  const quiet = (await dasy(['inspect', '1.csv', '--quiet'], { env, cwd: where })).expectStatus(0)
  t.same([quiet.stdout, quiet.stderr], ['', ''])
})

t.test('what cannot be inspected is said as by a load', async (t) => {
  const where = folder(t)
  writeFileSync(join(where, 'a.csv'), 'id,name\n1,a\n')
  writeFileSync(join(where, 'b.csv'), 'id\n1\n')
  writeFileSync(join(where, 'empty.csv'), '')
  const options = { env, cwd: where }
  const cases: [string[], number, string, string][] = [
    [[], 2, 'USAGE', 'SOURCE'],
    [['none.csv'], 1, 'FILE_NOT_FOUND', 'none.csv'],
    [['empty.csv'], 1, 'EMPTY_FILE', 'empty.csv'],
    [['a.csv', '--key', 'sku'], 1, 'KEY_COLUMN_MISSING', 'sku'],
    [['a.csv', '--ignore', 'nam'], 1, 'COLUMN_NOT_FOUND', 'name'],
    [['a.csv', 'b.csv'], 1, 'COLUMNS_DIFFER', 'b.csv'],
    [['a.csv', '--encoding', 'none'], 2, 'BAD_OPTION', '--encoding'],
    [['a.csv', '--delimiter', 'ab'], 2, 'BAD_OPTION', '--delimiter'],
    [['a.csv', '--database-url', 'x'], 2, 'USAGE', '--database-url'],
    [['a.csv', '--workers', '2'], 2, 'USAGE', '--workers'],
  ]
  for (const [args, status, code, says] of cases) {
    await failsBothWays(t, ['inspect', ...args], { status, code, says: [says] }, options)
  }
})

t.test('Ctrl-C ends it, and it leaves nothing', async (t) => {
  const temporary = folder(t)
  const path = generatedProducts(t, 100)
  // A pipe that never ends.
  const fifo = join(folder(t), 'fifo')
  spawnSync('mkfifo', [fifo])
  const feeder = spawn('sh', [
    '-c',
    'exec > "$1"; cat "$2"; while :; do tail -n +2 "$2"; echo; done',
    'sh',
    fifo,
    path,
  ])
  t.teardown(() => feeder.kill('SIGKILL'))
  const running = CliProcess.start(t, ['inspect', fifo, '--json', '--progress'], {
    env: { ...env, TMPDIR: temporary },
  })
  await running.until('it reads', () => running.stderr.includes('records'))
  const { status, stdout } = await running.interrupt()
  t.equal(status, 130)
  t.match(JSON.parse(stdout), { error: { code: 'INTERRUPTED' } })
  t.same(readdirSync(temporary), [])
})
