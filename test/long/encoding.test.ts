import t from 'tap'
import { ingest } from '../support/compiled.js'
import { CUTS } from '../support/cuts.js'
import { testDatabase } from '../support/database.js'
import { failure } from '../support/failure.js'
import { file } from '../support/files.js'
import { newestRejects } from '../support/ledger.js'

const HEADER = 'sku,name,description\n'

t.test('a file in another encoding, its header too', async (t) => {
  const db = await testDatabase(t)
  const bytes = Buffer.from('\nsku,"n\xe4me"\r\n1,caf\xe9\r\n2,\x8010\r\n3,"\xfc,\r\n\xfc"\r\n', 'latin1')
  const source = file(t, bytes)
  for (const [index, cut] of CUTS.entries()) {
    const table = `load_${index}`
    // The second has a name that PostgreSQL spells in another way.
    const encoding = index === 0 ? 'WIN1252' : 'windows-1252'
    const { rows } = await ingest(source, { databaseUrl: db.url, table, encoding, ...cut })
    t.match(rows, { read: 3, inserted: 3 })
    t.same(await db.rows(`SELECT sku, "näme" AS name FROM ${table} ORDER BY sku`), [
      { sku: '1', name: 'café' },
      { sku: '2', name: '€10' },
      { sku: '3', name: 'ü,\r\nü' },
    ])
  }
})

/** Text whose characters have bytes below 0x80 behind their first one, in the encodings that have such. */
const TEXTS: [encoding: string, text: string][] = [
  ['SJIS', '表ソ能十予ポーミЪァアｱ'],
  ['SHIFT_JIS_2004', '表ソ能十予'],
  ['BIG5', '功許蓋一丁三'],
  ['GBK', '乗乛俓倈丂亊'],
  ['UHC', '갂갃똠펲햏'],
  ['GB18030', '乗丂€ḿ𠀀ÿ'],
  ['EUC_JP', '表示'],
  ['EUC_KR', '한국'],
  ['KOI8R', 'кот'],
  ['UTF8', 'Ω日𠀀'],
]

t.test('every encoding that PostgreSQL converts can be scanned by bytes', async (t) => {
  const db = await testDatabase(t)
  for (const [encoding, text] of TEXTS) {
    const characters = [...text]
    const content =
      HEADER + characters.map((each, i) => `${i}${each},"${each},${each}""\n${each}",${each}\n`).join('')
    const bytes = await db.value<Buffer>('SELECT convert_to($1, $2)', [content, encoding])
    for (const cut of CUTS) {
      const options = {
        databaseUrl: db.url,
        table: encoding.toLowerCase(),
        encoding,
        null: characters[0],
        ...cut,
      }
      const { rows } = await ingest(file(t, bytes), options)
      t.match(rows, { read: characters.length, rejected: 0 }, encoding)
      const found = await db.rows(`SELECT * FROM ${encoding} ORDER BY length(sku), sku COLLATE "C"`)
      const expected = characters.map((each, i) => ({
        sku: `${i}${each}`,
        name: `${each},${each}"\n${each}`,
        description: i === 0 ? null : each,
      }))
      const order = (rows: object[]) => rows.map((row) => JSON.stringify(row)).toSorted()
      t.same(order(found), order(expected), encoding)
    }
  }
})

t.test('a record that PostgreSQL cannot convert is rejected in its words, its neighbours load', async (t) => {
  const db = await testDatabase(t)
  const records = Array.from({ length: 200 }, (_, i) => `${i},name ${i},`)
  records[3] = '3,\x81,'
  records[4] = '4,\x8d\x8d,'
  records[100] = '100,5" pipe,'
  records[101] = '101,\x90,'
  records[102] = ',no key,'
  records[150] = '150,few'
  records[199] = '199,"\x81\r\n",'
  const content = `${HEADER}${records.join('\n')}`
  const source = file(t, Buffer.from(content, 'latin1'))
  const untranslatable = (byte: string) =>
    `character with byte sequence ${byte} in encoding "WIN1252" has no equivalent in encoding "UTF8"`
  const reject = (index: number, reason: string, staged = false) => {
    const byte = HEADER.length + records.slice(0, index).join('\n').length + (index > 0 ? 1 : 0)
    return {
      line: 2 + index,
      byte,
      reason,
      record: Buffer.from(records[index] as string, 'latin1'),
      staged,
      complete: true,
    }
  }
  const expected = [
    reject(3, untranslatable('0x81')),
    reject(4, untranslatable('0x8d')),
    reject(100, 'stray quote'),
    reject(101, untranslatable('0x90')),
    reject(102, 'missing key', true),
    reject(150, 'too few fields: 2 of 3'),
    reject(199, untranslatable('0x81')),
  ]
  for (const cut of [...CUTS, { workers: 2, rangeSize: 700 }]) {
    const options = {
      databaseUrl: db.url,
      encoding: 'WIN1252',
      maxRejects: 7,
      table: `by_${cut.workers}`,
      ...cut,
    }
    const { rows } = await ingest(source, options)
    t.match(rows, { read: 200, rejected: 7, inserted: 193 })
    t.same(await newestRejects(db), expected)
    t.equal(await db.value(`SELECT count(*) FROM by_${cut.workers} WHERE name = 'name ' || sku`), 193)
  }
})

t.test('a record that the database has no characters for is rejected', async (t) => {
  const db = await testDatabase(t, 'LATIN1')
  const source = file(t, `${HEADER}1,café,\n2,日本,\n3,"€",x\n,no key,\n4,four,\n`)
  for (const cut of CUTS) {
    const options = { databaseUrl: db.url, maxRejects: 3, table: `by_${cut.workers}`, ...cut }
    t.match((await ingest(source, options)).rows, { read: 5, rejected: 3, inserted: 2 })
    t.match(await newestRejects(db), [
      {
        line: 3,
        reason:
          'character with byte sequence 0xe6 0x97 0xa5 in encoding "UTF8" has no equivalent in encoding "LATIN1"',
      },
      {
        line: 4,
        reason:
          'character with byte sequence 0xe2 0x82 0xac in encoding "UTF8" has no equivalent in encoding "LATIN1"',
      },
      { line: 5, reason: 'missing key' },
    ])
    t.same(await db.rows(`SELECT sku, name FROM by_${cut.workers} ORDER BY sku`), [
      { sku: '1', name: 'café' },
      { sku: '4', name: 'four' },
    ])
  }
})

t.test('bytes that no character has are rejected in every encoding of several bytes', async (t) => {
  const db = await testDatabase(t)
  for (const encoding of ['EUC_JP', 'SJIS', 'BIG5', 'GBK', 'UHC', 'GB18030']) {
    // A first byte of two that a delimiter, a quote or a line end follows.
    const source = file(t, Buffer.from(`${HEADER}1,a,\n2,\xe9,\n3,"\xe9",\n4,x,\xe9\n5,b,`, 'latin1'))
    for (const cut of CUTS) {
      const { rows } = await ingest(source, { databaseUrl: db.url, encoding, maxRejects: 3, ...cut })
      t.match(rows, { read: 5, rejected: 3 }, encoding)
      t.match(
        await newestRejects(db),
        [3, 4, 5].map((line) => ({ line, reason: new RegExp(`byte sequence.*${encoding}`) })),
      )
    }
  }
})

t.test('an encoding that cannot be used is refused, with what to do', async (t) => {
  const db = await testDatabase(t)
  const source = file(t, 'sku\na\n')
  for (const [encoding, hint] of [
    ['no such thing', /iconv -f ENCODING/],
    ['SQL_ASCII', /LATIN1/],
    ['MULE_INTERNAL', /iconv/],
  ] as const) {
    const error = await failure(t, ingest(source, { databaseUrl: db.url, encoding }))
    t.match(error, { code: 'BAD_OPTION', exitStatus: 2, hint, details: { option: '--encoding' } })
    t.match(error.message, `--encoding "${encoding}"`)
  }
  const marked = file(t, '\ufeffsku\na\n')
  const error = await failure(t, ingest(marked, { databaseUrl: db.url, encoding: 'LATIN1' }))
  t.match(error, { code: 'BAD_OPTION', exitStatus: 2, message: /byte order mark/ })
  t.match((await ingest(marked, { databaseUrl: db.url, encoding: 'utf-8' })).rows, { inserted: 1 })
})

t.test('a header that is not of the encoding is an error that names the flag', async (t) => {
  const db = await testDatabase(t)
  const latin1 = file(t, Buffer.from('sku,n\xe4me\n1,2\n', 'latin1'))
  const utf8 = await failure(t, ingest(latin1, { databaseUrl: db.url }))
  t.match(utf8, { code: 'BAD_HEADER', message: /not valid UTF-8/, hint: /--encoding/ })
  const japanese = await failure(t, ingest(latin1, { databaseUrl: db.url, encoding: 'EUC_JP' }))
  t.match(japanese, { code: 'BAD_HEADER', message: /EUC_JP/, hint: /--encoding/ })
})
