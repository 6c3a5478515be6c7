import t from 'tap'
import { ColumnProfile, shorten } from '../../lib/inspect/column.js'
import { KeyCandidates } from '../../lib/inspect/key-candidates.js'

const text = (value: string) => {
  const bytes = Buffer.from(`-${value}-`)
  return { bytes, start: 1, end: bytes.length - 1 }
}

function profileOf(values: readonly (string | null)[], isKey = false): ColumnProfile {
  const profile = new ColumnProfile('c', isKey)
  for (const value of values) {
    if (value === null) profile.addNull()
    else profile.add(text(value))
  }
  return profile
}

t.test('the statistics of a column', async (t) => {
  t.strictSame(profileOf(['1', null, '22', '1', '333', '4']).report, {
    name: 'c',
    type: 'integer',
    samples: ['1', '22', '333'],
    empty: 1,
    longest: 3,
  })
  t.match(profileOf([null, null]).report, { type: 'text', samples: [], empty: 2, longest: 0 })
})

t.test('one value of another kind makes a column text', async (t) => {
  t.match(profileOf(['1', '2', 'x']).report, { type: 'text' })
  t.match(profileOf(['1', '']).report, { type: 'text', samples: ['1'] })
  t.match(profileOf(['2025-01-31', '2025-02-28']).report, { type: 'date' })
})

t.test('lengths are characters, and long values are cut', async (t) => {
  t.match(profileOf(['größe', 'a']).report, { longest: 5 })
  t.match(profileOf(['日'.repeat(40), '日'.repeat(50)]).report, {
    longest: 50,
    samples: [`${'日'.repeat(30)}…`],
  })
  const { bytes, start, end } = text('x'.repeat(31))
  t.equal(shorten(bytes, start, end), `${'x'.repeat(30)}…`)
  t.equal(shorten(bytes, start, end - 1), 'x'.repeat(30))
})

t.test('a column that stays text because of its form has a note', async (t) => {
  t.match(profileOf(['1,5', '2,5']).note, /decimal commas/)
  t.equal(profileOf(['1.5', '2.5']).note, undefined)
})

t.test('a key candidate has no missing and no repeated value', async (t) => {
  const candidates = new KeyCandidates(['id', 'name', 'note', 'long'])
  const rows = [
    ['1', 'a', 'x', 'y'.repeat(2600)],
    ['2', 'b', '', 'y'.repeat(2601)],
    ['3', 'a', 'z', 'y'],
  ]
  t.same(candidates.names, [])
  for (const [n, row] of rows.entries()) {
    candidates.add((column) => text(row[column] ?? ''))
    if (n === 0) t.same(candidates.names, [], 'one record says nothing')
  }
  t.same(candidates.names, ['id'])
  candidates.add(() => undefined)
  t.same(candidates.names, [])
})
