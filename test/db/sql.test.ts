import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { ident, list, literal, number, query, sql, statement } from '../../lib/db/sql.js'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What the code finds by listing the folder. */
const LISTED = /^migrations\//

function filesOf(folder: string, end: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith(end),
  )
}

const code = filesOf('lib', '.ts').map((file) => ({
  file,
  text: readFileSync(join(root, 'lib', file), 'utf8'),
}))
const statements = filesOf('sql', '.sql').map((file) => ({
  path: file.replace(/\.sql$/, ''),
  text: readFileSync(join(root, 'sql', file), 'utf8'),
}))

t.test('identifiers and strings are quoted', async (t) => {
  t.equal(ident('dasy', 'a"b').sql, '"dasy"."a""b"')
  t.equal(literal("it's").sql, "'it''s'")
  t.equal(literal("\\'").sql, "E'\\\\'''")
  t.equal(number(-7).sql, '-7')
  for (const value of [1.5, Number.NaN, 2 ** 53]) t.throws(() => number(value), `${value}`)
})

t.test('statements consist of fragments', async (t) => {
  const columns = list([ident('a'), ident('b')])
  t.equal(
    query`SELECT ${columns} FROM ${ident('t')} WHERE ${sql`${ident('a')} = $1`}`,
    'SELECT "a", "b" FROM "t" WHERE "a" = $1',
  )
  t.throws(
    () => statement('ledger/drop_staging'),
    /ledger\/drop_staging\.sql: no fragment for the placeholder \{staging\}/,
  )
})

/** Each is run alone. (A migration is not: it takes a tenth of a second, once.) */
const MAKE_UNLOGGED = [
  'judge/create_duplicate_keys',
  'judge/create_losers',
  'ledger/create_staging',
  'ledger/create_worker_staging',
  'merge/create_counts',
]

t.test('no other statement makes an unlogged table: see test/long/postmaster-killed.test.ts', async (t) => {
  const made = statements.filter(({ path, text }) => text.includes('CREATE UNLOGGED') && !LISTED.test(path))
  t.same(made.map(({ path }) => path).sort(), MAKE_UNLOGGED)
  t.same(
    code.filter(({ text }) => text.includes('CREATE UNLOGGED')).map(({ file }) => file),
    [],
  )
})

t.test('a file under sql/ has three lines or a comment, and the room of its folder runs it', async (t) => {
  const short = statements.filter(({ text }) => text.trim().split('\n').length < 3 && !text.includes('--'))
  t.same(
    short.map(({ path }) => path).filter((path) => !LISTED.test(path)),
    [],
    'shorter statements stand in the code',
  )
  t.same(
    statements.filter(({ text }) => /--.*\{[a-z_]+\}/.test(text)).map(({ path }) => path),
    [],
    'no comment has a placeholder, which would be replaced too',
  )
  const unused = statements.filter(({ path }) => {
    const room = path.split('/')[0] as string
    return (
      !LISTED.test(path) &&
      !code.some(({ file, text }) => file.startsWith(`${room}/`) && text.includes(`'${path}'`))
    )
  })
  t.same(
    unused.map(({ path }) => path),
    [],
  )
})

t.test('the code names only files that exist', async (t) => {
  const named = code.flatMap(({ text }) =>
    [...text.matchAll(/\b(?:statement|part)\(\s*'([^']+)'/g)].map(([, path]) => path),
  )
  t.ok(named.length > 100)
  t.same(
    named.filter((path) => !existsSync(join(root, 'sql', `${path}.sql`))),
    [],
  )
})

t.test('text is put into a statement by query or statement only', async (t) => {
  const UNQUOTED = /\.(run|rows?|results|query)(<[^()]*>)?\(\s*`[^`]*\$\{/
  t.same(
    code.filter(({ text }) => UNQUOTED.test(text)).map(({ file }) => file),
    [],
  )
  t.match('session.rows<{ a: number }>(`SELECT $'.concat('{a}`)'), UNQUOTED)
})
