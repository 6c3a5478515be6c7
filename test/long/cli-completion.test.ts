import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { dasy } from '../support/cli.js'
import { testDatabase } from '../support/database.js'
import { file, folder } from '../support/files.js'

/** Completion as the shells themselves do it, with the script that `dasy completion` prints. */

const bin = fileURLToPath(new URL('../../bin/dasy.js', import.meta.url))

/** A folder with files, a configuration, and a `dasy` on the PATH. */
function workplace(t: Test, env: Record<string, string> = {}) {
  const cwd = folder(t)
  const config = { datasets: { titles: { files: ['t*.csv'], table: 'titles', key: 'title' } } }
  writeFileSync(join(cwd, 'dasy.config.json'), JSON.stringify(config))
  writeFileSync(join(cwd, 'products.csv'), 'sku\n1\n')
  writeFileSync(join(cwd, 'two words.csv'), 'sku\n1\n')
  mkdirSync(join(cwd, 'parts'))
  const path = folder(t)
  const script = `#!/bin/sh\nexec env -u NODE_OPTIONS ${process.execPath} ${bin} "$@"\n`
  writeFileSync(join(path, 'dasy'), script, { mode: 0o755 })
  return { cwd, env: { PATH: `${path}${delimiter}${process.env.PATH}`, HOME: cwd, ...env } }
}

/** What bash offers at the end of a line. */
function byBash(line: readonly string[], { cwd, env }: ReturnType<typeof workplace>): string[] {
  const script = `source <(dasy completion bash)
    COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 ))
    "$(complete -p dasy | sed 's/.*-F \\([^ ]*\\).*/\\1/')" dasy
    printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', ...line], {
    cwd,
    env,
    encoding: 'utf8',
  })
  if (stderr) throw new Error(stderr)
  return stdout.split('\n').filter(Boolean)
}

t.test('bash', async (t) => {
  const db = await testDatabase(t)
  await db.run(
    'CREATE TABLE things (id text PRIMARY KEY, "pdl count" text); CREATE SCHEMA shop; CREATE TABLE shop.t ()',
  )
  const place = workplace(t, { DATABASE_URL: db.url })
  const loaded = await dasy(['ingest', 'products.csv'], { cwd: place.cwd, env: { DATABASE_URL: db.url } })
  loaded.expectStatus(0)
  const planned = await dasy(['plan', 'products.csv'], { cwd: place.cwd, env: { DATABASE_URL: db.url } })
  planned.expectStatus(0)
  const cases: [string[], string[]][] = [
    [['i'], ['ingest', 'inspect']],
    [
      ['db', ''],
      ['start', 'stop', 'status', 'url', 'destroy'],
    ],
    [
      ['db', 'st'],
      ['start', 'stop', 'status'],
    ],
    [
      ['migrate', ''],
      ['up', 'down', 'status'],
    ],
    [
      ['ingest', ''],
      ['dasy.config.json', 'parts', 'products.csv', 'two words.csv'],
    ],
    [['ingest', 'pro'], ['products.csv']],
    [['ingest', 'products.csv', '--tab'], ['--table']],
    [
      ['ingest', '--t'],
      ['--table', '--trim', '--trust-owner', '--types'],
    ],
    [
      ['ingest', '--table', 'x', '--t'],
      ['--trim', '--trust-owner', '--types'],
    ],
    [['ingest', '--no-he'], ['--no-header']],
    [
      ['ingest', '--on-conflict', ''],
      ['update', 'skip', 'error'],
    ],
    [['ingest', '--on-conflict', '=', 's'], ['skip']],
    [
      ['ingest', '--on-conflict', '='],
      ['update', 'skip', 'error'],
    ],
    [['ingest', '--duplicates', 'f'], ['first']],
    [['ingest', '--dataset', ''], ['titles']],
    [['analyze', ''], ['titles']],
    [['ingest', '--encoding', 'WIN1252'], ['WIN1252']],
    [
      ['ingest', '--table', ''],
      ['products', 'shop.t', 'things'],
    ],
    [['ingest', '-t', 'th'], ['things']],
    [
      ['aggregate', 'things', ''],
      ['id', 'pdl count'],
    ],
    [['resume', ''], []],
    [['apply', ''], ['2']],
    [['undo', ''], ['1']],
    [
      ['changes', ''],
      ['1', '2'],
    ],
    [
      ['rejects', ''],
      ['1', '2'],
    ],
    [
      ['runs', ''],
      ['clean', '1', '2'],
    ],
    [['runs', 'clean', ''], ['2']],
    [
      ['runs', '--format', ''],
      ['table', 'csv', 'json', 'md'],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['help', 'db', 'de'], ['destroy']],
    [['help', 'ru'], ['runs']],
    [['ingest', '--config', 'da'], ['dasy.config.json']],
    [['ingest', '--workers', ''], []],
    [['frobnicate', ''], []],
    [['ingest', '--', '--t'], []],
  ]
  for (const [words, expected] of cases) {
    const found = byBash(['dasy', ...words], place)
    t.same(found.toSorted(), expected.toSorted(), `dasy ${words.join(' ')}`)
  }
})

t.test('without a database nothing is made, and nothing is said', async (t) => {
  const place = workplace(t)
  for (const words of [
    ['runs', ''],
    ['ingest', '--table', ''],
  ]) {
    const found = byBash(['dasy', ...words], place)
    t.same(found, words[0] === 'runs' ? ['clean'] : [])
  }
  const unreachable = workplace(t, { DATABASE_URL: 'postgresql://me@127.0.0.1:1/x' })
  t.same(byBash(['dasy', 'resume', ''], unreachable), [])
})

t.test('zsh', { skip: spawnSync('zsh', ['--version']).error !== undefined }, async (t) => {
  const { cwd, env } = workplace(t)
  // What completes in a real terminal of its own: zpty is zsh's.
  const script = `zmodload zsh/zpty
    zpty z "PROMPT=; exec zsh -f"
    read-until() { local all= part; for i in {1..400}; do zpty -rt z part && all+=$part; [[ $all == *$1* ]] && break; sleep 0.05; done; print -r -- $all }
    zpty -w z "autoload -Uz compinit; compinit -u -D; source <(dasy completion zsh); zstyle ':completion:*' list-prompt ''; print rea''dy"
    read-until ready >/dev/null
    zpty -n -w z "dasy ingest --on-conflict s"$'\\t'
    read-until kip
    zpty -n -w z $'\\x15'"dasy db des"$'\\t'
    read-until troy
    zpty -n -w z $'\\x15'"dasy ingest prod"$'\\t'
    read-until products.csv
    zpty -d z`
  const { stdout } = spawnSync('zsh', ['-f', '-c', script], { cwd, env, encoding: 'utf8', timeout: 120_000 })
  // The bell says that it has found the only one.
  const shown = stdout.replaceAll('\x07', '')
  for (const word of ['--on-conflict skip', 'db destroy', 'products.csv']) t.match(shown, word)
})

t.test('fish', { skip: spawnSync('fish', ['--version']).error !== undefined }, async (t) => {
  const { cwd, env } = workplace(t)
  const complete = (line: string) => {
    const script = `dasy completion fish | source; complete -C ${JSON.stringify(line)}`
    const { stdout } = spawnSync('fish', ['--no-config', '-c', script], { cwd, env, encoding: 'utf8' })
    return stdout.split('\n').filter(Boolean)
  }
  t.same(complete('dasy ingest --on-conflict s'), ['skip'])
  t.same(complete('dasy ingest --on-conflict=s'), ['--on-conflict=skip'])
  t.match(complete('dasy db des'), [/^destroy\t./])
  t.match(complete('dasy ingest prod'), [/^products\.csv/])
  t.match(complete('dasy ingest --quo'), [/^--quote\t./])
})

t.test('the scripts are what the shells take, and no other shell is known', async (t) => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout } = (await dasy(['completion', shell])).expectStatus(0)
    const parsed = spawnSync(shell, ['-n', file(t, stdout, `dasy.${shell}`)], { encoding: 'utf8' })
    if (!parsed.error) t.equal(parsed.status, 0, shell, { stderr: parsed.stderr })
  }
  t.equal((await dasy(['completion'])).stdout, (await dasy(['completion', 'bash'])).stdout)
  t.match((await dasy(['completion', 'bsh'])).expectStatus(2).stderr, 'dasy completion bash')
})
