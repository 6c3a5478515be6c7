import t from 'tap'
import { fitOf, sampleOf, shapeOf } from '../../lib/csv/sample.js'

const dialect = { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false }
const sample = (text: string, final = true, most?: number) =>
  sampleOf(Buffer.from(text), dialect, final, most)

t.test('records are counted with their faults and quotes', async (t) => {
  const { records, faulty, quoted, needed } = sample('a,b\n1,"x"\n2,"y, z"\n3,u"v\n\n,\n')
  t.strictSame(
    records.map(({ line, count }) => [line, count]),
    [
      [1, 2],
      [2, 2],
      [3, 2],
      [4, 0],
    ],
  )
  t.strictSame({ faulty, quoted, needed }, { faulty: 1, quoted: 2, needed: 1 })
})

t.test('a record that may continue after the text is not read', async (t) => {
  t.equal(sample('a,b\n1,x\n2,', false).records.length, 2)
  t.equal(sample('a,b\n1,x\n2,', true).records.length, 3)
  t.equal(sample('a,b\n1,x\n2,y\n', true, 2).records.length, 2)
})

t.test('a quote that opens most of the text is never closed', async (t) => {
  t.match(sample(`a,b\n1,"${'x\n'.repeat(50)}`, false).records.at(-1), { fault: 'quote never closed' })
})

t.test('the shape is the usual number of fields', async (t) => {
  t.strictSame(shapeOf(sample('a,b,c\n1,2,3\n4,5\n6,7,8\n')), {
    records: 4,
    first: 3,
    fields: 3,
    fitting: 3,
    least: 2,
    most: 3,
  })
  t.equal(fitOf(shapeOf(sample('a,b,c\n1,2,3\n4,5\n6,7,8\n'))), 0.75)
  t.equal(shapeOf(sample('a,b\n1,2\n'), 3).fitting, 0)
  t.equal(fitOf(shapeOf(sample(''))), 0)
})

t.test('empty fields after the last column do not count', async (t) => {
  t.match(shapeOf(sample('a,b,\n1,2\n3,4,,\n')), { fields: 2, fitting: 3 })
})
