import t from 'tap'
import { toDataset } from '../../lib/config/dataset.js'
import { JsonDocument } from '../../lib/config/document.js'

const TEXT = '{\n  // comment\n  "a": { "b": [1, 22,] },\n}\n'

t.test('a document has its value and the offset of each part', async (t) => {
  const document = new JsonDocument('c.json', TEXT)
  t.same(document.value, { a: { b: [1, 22] } })
  t.equal(document.offsetOf(['a', 'b', 1]), TEXT.indexOf('22'))
  t.equal(document.offsetOf([], 'a'), TEXT.indexOf('"a"'))
  t.equal(document.offsetOf(['no', 'such']), 0)
})

t.test('an error names the line and the column', async (t) => {
  const error = new JsonDocument('c.json', TEXT).failure(['a', 'b', 1], 'is too large', 'Make it smaller.')
  t.match(error, {
    code: 'BAD_CONFIG',
    exitStatus: 2,
    message: 'c.json, line 3, column 19: is too large',
    hint: 'Make it smaller.',
    details: { file: 'c.json', line: 3, column: 19 },
  })
})

t.test('text that is not JSON', async (t) => {
  for (const [text, message] of [
    ['', 'line 1, column 1'],
    ['{"a" 1}', 'line 1, column 6: expected a colon'],
    ['{"a":1\n "b":2}', 'line 2, column 2: expected a comma'],
    ['{"a":1,\n"a":2}', 'line 2, column 1: "a" is given twice'],
  ] as const)
    t.throws(
      () => new JsonDocument('c.json', text),
      { code: 'BAD_CONFIG', message: new RegExp(message) },
      text,
    )
})

t.test('the paths of a dataset are relative to the configuration', async (t) => {
  const dataset = toDataset(
    'd',
    { files: '*.csv', after: ['a.sql', '/b.sql'], views: 'v.sql', key: 'id' },
    '/in',
  )
  t.strictSame(dataset, {
    name: 'd',
    files: ['*.csv'],
    options: { key: 'id', after: ['/in/a.sql', '/b.sql'] },
    views: ['/in/v.sql'],
    watch: {},
  })
})
