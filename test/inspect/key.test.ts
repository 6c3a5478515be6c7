import t from 'tap'
import { FieldReader } from '../../lib/inspect/fields.js'
import { KeyCheck } from '../../lib/inspect/key.js'
import type { Mapping } from '../../lib/mapping/columns.js'

const DIALECT = { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false }
const NAMES = ['sku', 'size', 'name']
const PAUSE = async (): Promise<void> => {}

/** The mapping of a key; `row` for a key that is the record as a whole. */
function mappingOf(key: readonly string[]): Mapping {
  const field = (source: string) => ({ kind: 'field', source }) as Mapping['columns'][number]
  const columns = NAMES.map(field)
  const row = { kind: 'row', source: ':row' } as Mapping['columns'][number]
  const parts = key.includes('row') ? [row] : columns.filter(({ source }) => key.includes(source))
  return { columns, key: parts, newTable: [], isNew: true }
}

/** Checks the keys of records, one a line. */
async function check(key: readonly string[], text: string) {
  const keys = new KeyCheck(mappingOf(key), NAMES)
  const reader = new FieldReader(DIALECT, NAMES.length)
  const bytes = Buffer.from(text)
  const faults: (string | undefined)[] = []
  for (let at = 0, line = 1; at < bytes.length; line += 1) {
    at = reader.read(bytes, at)
    const fault = keys.fault(reader, [0, 1, 2])
    faults.push(fault)
    if (fault === undefined) keys.add(reader, [0, 1, 2], line)
  }
  const found = { faults, count: await keys.count(PAUSE), repeated: keys.repeated }
  keys.close()
  return found
}

t.test('distinct keys are counted, and repeated ones listed with their lines', async (t) => {
  const { count, repeated } = await check(['sku'], 'a,1,x\nb,1,x\na,2,y\n"a",3,z\n')
  t.equal(count, 2)
  t.match(repeated, [{ key: ['a'], lines: [1, 3, 4] }])
})

t.test('a missing part and a long key are faults', async (t) => {
  const { faults } = await check(['sku', 'size'], `a,1,x\na,,x\n"",1,x\n${'a'.repeat(2600)},1,x\n`)
  t.strictSame(faults, [undefined, 'missing key', 'missing key', 'key too long'])
})

t.test('the parts of a composite key are not joined', async (t) => {
  const { count, repeated } = await check(['sku', 'size'], 'ab,c,x\na,bc,x\nab,c,y\n')
  t.equal(count, 2)
  t.match(repeated, [{ key: ['ab', 'c'], lines: [1, 3] }])
})

t.test('in a whole record NULL and the empty text differ', async (t) => {
  const { count, repeated, faults } = await check(['row'], 'a,,x\na,"",x\na,,x\n')
  t.strictSame(faults, [undefined, undefined, undefined])
  t.equal(count, 2)
  t.match(repeated, [{ key: [], lines: [1, 3] }])
})

t.test('only the first repeated keys are listed', async (t) => {
  const rows = Array.from({ length: 10 }, (_, n) => `${n % 5},1,x\n`).join('')
  t.equal((await check(['sku'], rows)).repeated.length, 3)
  t.equal((await check(['sku'], 'a,1,x\n'.repeat(9))).repeated[0]?.lines.length, 5)
})
