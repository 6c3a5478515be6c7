/** Where a statement ends: PostgreSQL itself says whether each of the pieces is one statement. */
import t from 'tap'
import { splitStatements } from '../../lib/script/split.js'
import { testDatabase } from '../support/database.js'

/** Scripts, each with its statements. All of them run. */
const cases: readonly (readonly [name: string, script: string, statements: readonly string[]])[] = [
  ['nothing', '', []],
  ['blanks, comments and semicolons', ' ; -- a; b\n/* ; */ ;;', []],
  ['two statements, the last without a semicolon', 'SELECT 1; SELECT 2', ['SELECT 1', 'SELECT 2']],
  ['a comment that a carriage return ends', '-- a\rSELECT 1;\rSELECT 2', ['SELECT 1', 'SELECT 2']],
  ['a comment before a statement', '-- a\n/* b */ SELECT 1;', ['SELECT 1']],
  ['comments in comments', '/* a /* ; */ ; */ SELECT 1 /* ; /* */ */;', ['SELECT 1 /* ; /* */ */']],
  ['a text', "SELECT 'a;b', 'it''s;', '';SELECT 2", ["SELECT 'a;b', 'it''s;', ''", 'SELECT 2']],
  ['a text with backslashes', "SELECT 'a\\';SELECT 2", ["SELECT 'a\\'", 'SELECT 2']],
  [
    'a text with escapes',
    "SELECT E'a\\';b', e'\\\\';SELECT E'';SELECT 3",
    ["SELECT E'a\\';b', e'\\\\'", "SELECT E''", 'SELECT 3'],
  ],
  [
    'a name that ends in e, before a text',
    "SELECT 'a' AS like_e, 1 AS e;SELECT 2",
    ["SELECT 'a' AS like_e, 1 AS e", 'SELECT 2'],
  ],
  ['a quoted name', 'SELECT 1 AS "a;""b";SELECT 2', ['SELECT 1 AS "a;""b"', 'SELECT 2']],
  [
    'dollar quotes',
    'SELECT $$a;b$$, $x$ $$;$y$ $x$;SELECT 2',
    ['SELECT $$a;b$$, $x$ $$;$y$ $x$', 'SELECT 2'],
  ],
  ['a dollar in a name', 'SELECT 1 AS a$b$;SELECT 2 AS a$b$', ['SELECT 1 AS a$b$', 'SELECT 2 AS a$b$']],
  [
    'letters of all kinds',
    "SELECT 'ä;' AS größe;SELECT '😀;' AS \"日;本\"",
    ["SELECT 'ä;' AS größe", 'SELECT \'😀;\' AS "日;本"'],
  ],
  [
    'a rule with several commands',
    'CREATE TABLE r (a int); CREATE RULE x AS ON INSERT TO r DO ALSO (SELECT 1; SELECT 2); SELECT 3',
    ['CREATE TABLE r (a int)', 'CREATE RULE x AS ON INSERT TO r DO ALSO (SELECT 1; SELECT 2)', 'SELECT 3'],
  ],
  [
    'a function whose body is SQL',
    'CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END; SELECT 3',
    [
      'CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END',
      'SELECT 3',
    ],
  ],
  ['a block', 'DO $$ BEGIN PERFORM 1; END $$; SELECT 2', ['DO $$ BEGIN PERFORM 1; END $$', 'SELECT 2']],
]

t.test('a script is cut where PostgreSQL ends a statement', async (t) => {
  const db = await testDatabase(t)
  const client = await db.client()
  for (const [name, script, expected] of cases) {
    const found = splitStatements(script).map(({ text }) => text)
    t.same(found, expected, name)
    // With a parameter list it takes one statement and no more.
    for (const text of found) {
      const one = client.query({ text, queryMode: 'extended' } as never)
      await t.resolves(one, `${name}: PostgreSQL takes it for one`)
    }
  }
})

t.test('a statement knows its line and its first words', async (t) => {
  const statements = splitStatements(
    "SELECT 'a\nb';\r\n-- c\r\n\r\n  create or\n replace view x as SELECT 1;COMMIT",
  )
  t.same(
    statements.map(({ line, words }) => ({ line, words })),
    [
      { line: 1, words: ['SELECT'] },
      { line: 5, words: ['CREATE', 'OR', 'REPLACE', 'VIEW'] },
      { line: 6, words: ['COMMIT'] },
    ],
  )
})

t.test('what is not closed goes to the end of the text', async (t) => {
  for (const open of [
    "SELECT 'a;b",
    "SELECT E'a\\';b\\",
    'SELECT "a;b',
    'SELECT $a$;b$$',
    'SELECT (1;2',
    'SELECT 1 /* ; /* */ ;',
  ]) {
    t.same(
      splitStatements(open).map(({ text }) => text),
      [open],
      open,
    )
  }
})
