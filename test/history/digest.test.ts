import t from 'tap'
import { Database } from '../../lib/db/database.js'
import { query, sql } from '../../lib/db/sql.js'
import { type Digest, digestOf } from '../../lib/history/digest.js'
import { testDatabase } from '../support/database.js'

interface Row {
  op: string
  key: (string | null)[]
  old: (string | null)[] | null
  new: (string | null)[] | null
}

const updated = (key: string, old: Row['old'], made: Row['new']): Row => ({
  op: 'u',
  key: [key],
  old,
  new: made,
})

/** Two changes with values of their own, and what they would be mistaken for by a sum of sums. */
const SWAPS: Record<string, (n: number) => [Row[], Row[]]> = {
  'of operations': (n) => [
    [updated(`a${n}`, null, ['x']), { ...updated(`b${n}`, null, ['x']), op: 'i' }],
    [{ ...updated(`a${n}`, null, ['x']), op: 'i' }, updated(`b${n}`, null, ['x'])],
  ],
  'of keys': (n) => [
    [updated(`a${n}`, ['x'], ['y']), updated(`b${n}`, ['z'], ['w'])],
    [updated(`b${n}`, ['x'], ['y']), updated(`a${n}`, ['z'], ['w'])],
  ],
  'of the values before': (n) => [
    [updated('a', [`x${n}`, null], ['z', '1']), updated('b', [null, `y${n}`], ['z', '2'])],
    [updated('a', [null, `y${n}`], ['z', '1']), updated('b', [`x${n}`, null], ['z', '2'])],
  ],
  'of one value after': (n) => [
    [updated('a', ['x', 'x'], [`y${n}`, '1']), updated('b', ['x', 'x'], [`z${n}`, '2'])],
    [updated('a', ['x', 'x'], [`z${n}`, '1']), updated('b', ['x', 'x'], [`y${n}`, '2'])],
  ],
  'of before and after': (n) => [[updated('a', [`x${n}`], [`y${n}`])], [updated('a', [`y${n}`], [`x${n}`])]],
  'of before and after in neighbouring columns': (n) => [
    [updated('a', ['p', `x${n}`], [`y${n}`, 'q'])],
    [updated('a', ['p', `y${n}`], [`x${n}`, 'q'])],
  ],
  'of columns': (n) => [[updated('a', [`x${n}`, `y${n}`], ['z'])], [updated('a', [`y${n}`, `x${n}`], ['z'])]],
  'of nothing and NULL': (n) => [[updated(`a${n}`, [null], ['z'])], [updated(`a${n}`, null, ['z'])]],
}

t.test('sets that differ by a swap alone have other digests, and the order does not count', async (t) => {
  const session = await (await Database.open({ databaseUrl: (await testDatabase(t)).url })).session()
  t.teardown(() => session.close())
  await session.run(
    query`CREATE TEMP TABLE c (op "char", key text[], old text[], new text[], was xid DEFAULT '7')`,
  )
  const digest = async (rows: Row[]): Promise<Digest> => {
    await session.run(query`TRUNCATE c`)
    await session.run(
      query`INSERT INTO c SELECT * FROM jsonb_to_recordset($1) AS r(op "char", key text[], old text[], new text[])`,
      [JSON.stringify(rows)],
    )
    return digestOf(session, sql`c`)
  }
  for (const [what, swap] of Object.entries(SWAPS)) {
    const same = []
    // A sum that wraps tells some of them apart by luck.
    for (let n = 0; n < 30; n += 1) {
      const [one, other] = swap(n)
      const { content } = await digest(one)
      if (content === (await digest(other)).content) same.push(n)
      if (content !== (await digest(one.toReversed())).content) t.fail(`the order counts: ${what}, ${n}`)
    }
    t.same(same, [], `a swap ${what}`)
  }
})
