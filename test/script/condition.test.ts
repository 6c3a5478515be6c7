import t from 'tap'
import { requireOneExpression } from '../../lib/contract/condition.js'
import { Database } from '../../lib/db/database.js'
import { expression, ident, query } from '../../lib/db/sql.js'
import { requireCondition } from '../../lib/script/condition.js'
import { testDatabase } from '../support/database.js'

const GOOD = [
  "supplier = 'acme'",
  'products.price > 10 AND ("odd ""name" IS NULL OR true)',
  "supplier = 'it''s; (' /* ; ) /* nested */ */",
  "supplier = E'\\'; --' OR supplier = $$ ; ) $$ OR supplier = $a$ $$ ; $a$",
  'price IN (SELECT max(price) FROM products AS p)',
  'CASE WHEN price > 1 THEN true END',
  '-- only dear ones\nprice > 1',
  "tags[1] = ANY (ARRAY['a', 'b'])",
  'ctid IS NOT NULL',
  'NULL',
  "'t'",
]

const BAD = [
  '',
  '  ',
  '-- nothing\n',
  'true; DROP TABLE products',
  'true;',
  'true) OR (true',
  'true)',
  '(true',
  'true /* open',
  'true /* open /* */',
  'true -- open',
  "supplier = 'open",
  "supplier = E'open\\'",
  'supplier = $$open',
  'supplier = $a$open$$',
  '"open',
  'price > $1',
  'tags[1',
  'tags(1]',
  'true, false',
  'true AS yes',
  'price',
  'true true',
  'true ORDER BY 1',
  'true UNION SELECT 1',
  'nothing = 1',
  's.position = 1',
  'count(*) > 1',
  'row_number() OVER () > 1',
  'generate_series(1, 2) > 1',
  "price > 'x'",
  'no_such_function(price)',
  'true\0',
]

t.test('a condition is one expression of type boolean over the columns of the table', async (t) => {
  const db = await testDatabase(t)
  await using database = await Database.open({ databaseUrl: db.url })
  await using session = await database.session()
  await db.run(
    `CREATE TABLE products (supplier text, price numeric, "odd ""name" int, tags text[]);
     INSERT INTO products VALUES ('acme', 20, NULL, '{a}')`,
  )
  const target = ident('public', 'products')
  for (const condition of GOOD) {
    await t.resolves(requireCondition(session, '--where', condition, target), condition)
    await t.resolves(session.rows(query`SELECT FROM ${target} WHERE ${expression(condition)}`), condition)
  }
  for (const condition of BAD) {
    await t.rejects(
      requireCondition(session, '--where', condition, target),
      { code: 'BAD_OPTION', exitStatus: 2, message: /^--where/, details: { option: '--where' } },
      condition,
    )
  }
  t.equal(await db.value('SELECT count(*) FROM products'), 1)
  t.same(await session.rows('SELECT name FROM pg_prepared_statements'), [], 'nothing stays prepared')
})

t.test('what ends early or late is found without a database', async (t) => {
  for (const text of ['a) OR (b', "E'\\'", "E'a\\", "a = '''"])
    t.throws(() => requireOneExpression('--where', text), { code: 'BAD_OPTION' }, text)
  t.doesNotThrow(() => requireOneExpression('--where', "a = ')'"))
})
