import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { ERROR_CODES } from '../../lib/base/error-codes.js'

const root = fileURLToPath(new URL('../..', import.meta.url))
const codes: readonly string[] = ERROR_CODES

t.test('docs/errors.md has every code, and no other', async (t) => {
  const page = readFileSync(join(root, 'docs/errors.md'), 'utf8')
  const rows = page.split('\n').filter((line) => /^\| `/.test(line))
  const documented = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code),
  )
  t.same(documented.toSorted(), codes.toSorted())
  const mentioned = [...page.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, code]) => code as string)
  t.same(
    mentioned.filter((code) => !codes.includes(code)),
    [],
    'the text speaks of no code that does not exist',
  )
})

t.test('every code is one that something throws', async (t) => {
  const sources = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && file !== 'base/error-codes.ts')
    .map((file) => readFileSync(join(root, 'lib', file), 'utf8'))
    .join('\n')
  t.same(
    codes.filter((code) => !sources.includes(`'${code}'`)),
    [],
  )
})
