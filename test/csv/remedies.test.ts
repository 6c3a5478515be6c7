import t from 'tap'
import { remedyFor } from '../../lib/csv/detection/remedies.js'

const dialect = { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false }

/** The flag that would cure records, each rejected for the same reason. */
function flagFor(reason: string, records: readonly string[], sample = 'a,b\n1,x\n', columns = 2) {
  const rejects = records.map((record) => ({ reason, record: Buffer.from(record) }))
  return remedyFor(rejects, { dialect, columns, sample: Buffer.from(sample) })
}

t.test('the flag under which most records are valid', async (t) => {
  t.match(flagFor('unescaped quote', ['1,"a\\"b"', '2,"c\\", d"']), {
    flag: "--escape '\\'",
    better: { escape: '\\' },
    cured: 2,
    tried: 2,
  })
  t.match(flagFor('stray quote', ['1, "a"', '2, "b, c"']), { flag: '--trim', cured: 2 })
  t.match(flagFor('quote never closed', ['1,"a', '2,"b']), { flag: '--quote none' })
  t.match(flagFor('too many fields: 3 for 2 columns', ["1,'a, b'", "2,'c, d'"]), { flag: '--quote "\'"' })
  t.match(flagFor('unescaped quote', ['1,"a"b"', '2,"c"d"']), { flag: /--quote none|--lenient-quotes/ })
})

t.test('invalid UTF-8 suggests an encoding', async (t) => {
  t.match(flagFor('invalid UTF-8', ['1,\xf6']), { flag: /--encoding WIN1252/, cured: 1 })
})

t.test('no flag if it cures less than half of the records', async (t) => {
  t.equal(flagFor('too few fields: 1 of 2', ['1', '2', "3,'a, b'"]), undefined)
  t.equal(flagFor('missing key', [',a']), undefined)
  t.equal(flagFor('NUL byte', []), undefined)
})

t.test('no flag under which valid records would be read differently', async (t) => {
  const quoted = Array.from({ length: 30 }, (_, n) => `${n},"x, ${n}"\n`).join('')
  t.not(flagFor('quote never closed', ['1,"a', '2,"b'], `a,b\n${quoted}`)?.flag, '--quote none')
})
