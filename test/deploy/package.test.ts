/** What is published: how large it is, and what npm says of it. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { ROOT } from './yaml.js'

t.test('the package is small, and has what is needed and nothing else', async (t) => {
  const { stdout, stderr, status } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  t.equal(status, 0, stderr)
  t.notMatch(stderr, /warn/i)
  const answer = JSON.parse(stdout)
  const [{ files, size }] = Array.isArray(answer) ? answer : Object.values(answer)
  const folders = new Set((files as { path: string }[]).map(({ path }) => path.split('/')[0]))
  t.strictSame(
    [...folders].sort(),
    [
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'bin',
      'bundle',
      'dasy.schema.json',
      'dist',
      'docs',
      'examples',
      'man',
    ].concat(['package.json', 'sql']),
  )
  t.ok(size < 5_000_000, 'less than 5 MB', { size })
})

t.test('it says where it comes from, so that its provenance can be checked', async (t) => {
  const { repository, publishConfig, version, license } = JSON.parse(
    readFileSync(`${ROOT}/package.json`, 'utf8'),
  )
  t.match(repository, { type: 'git', url: /^git\+https:\/\/.*\.git$/ })
  t.strictSame(publishConfig, { access: 'public', provenance: true })
  t.ok(license)
  t.match(readFileSync(`${ROOT}/CHANGELOG.md`, 'utf8'), new RegExp(`^## ${version}`, 'm'))
})
