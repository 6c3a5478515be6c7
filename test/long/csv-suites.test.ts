import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { ingest } from '../support/compiled.js'
import { type TestDatabase, testDatabase } from '../support/database.js'
import { file } from '../support/files.js'
import { compareTables, Oracle } from '../support/oracle.js'

/** Well-formed files that other CSV programs are tested with: what arrives is what COPY makes of them. */

interface Way {
  workers: number
  rangeSize?: number
}

const WAYS: Way[] = [{ workers: 1 }, { workers: 2, rangeSize: 1 }]

/** The first column is the key. */
async function loadsAsCopyDoes(t: Test, db: TestDatabase, name: string, content: Buffer, ways = WAYS) {
  const oracle = await Oracle.load(t, db, content)
  const key = oracle.columns.slice(0, 1)
  for (const way of ways) {
    await db.run('DROP TABLE IF EXISTS loaded')
    const receipt = await ingest(file(t, content), { databaseUrl: db.url, table: 'loaded', key, ...way })
    const label = `${name}, ${way.rangeSize ? 'cut everywhere' : 'in one piece'}`
    await compareTables(t, db, 'loaded', oracle.table({ key }), label)
    t.match(receipt.rows, { read: oracle.records, rejected: 0 }, `${label}: all its records are read`)
  }
}

const SPECTRUM = join(dirname(createRequire(import.meta.url).resolve('csv-spectrum')), 'csvs')
/** Its author calls `36'37.8"N` well-formed; RFC 4180, COPY and dasy do not. */
const STRAY_QUOTES = 'location_coordinates.csv'

t.test('the files of csv-spectrum', async (t) => {
  const db = await testDatabase(t)
  const names = readdirSync(SPECTRUM).sort()
  t.ok(names.length >= 12, 'they are there')
  for (const name of names.filter((each) => each !== STRAY_QUOTES)) {
    await loadsAsCopyDoes(t, db, name, readFileSync(join(SPECTRUM, name)))
  }
})

t.test('and its file with stray quotes, of which COPY loads something else', async (t) => {
  const db = await testDatabase(t)
  const receipt = await ingest(join(SPECTRUM, STRAY_QUOTES), {
    databaseUrl: db.url,
    table: basename(STRAY_QUOTES, '.csv'),
    key: 'Contact Phone Number',
    maxRejects: 1,
  })
  t.match(receipt.rows, { read: 1, rejected: 1 })
  t.same(await db.rows('SELECT line, reason FROM dasy.rejects'), [{ line: 2, reason: 'stray quote' }])
})

const [CR, LF, CRLF] = ['\r', '\n', '\r\n']
const WIDE = Array.from({ length: 300 }, (_, index) => index)

/** After the suites of Papa Parse, csv-parse and Python's csv, each with a header and a key in front. */
const CASES: Record<string, string> = {
  'one row': 'k,a,b\n1,x,y',
  'one column': 'k\nx\ny\n"z"\n',
  'one column of quoted fields with line breaks': 'k\n"x\n"\n"\ny"\n"\r"\n"\r\n"\n',
  'three hundred columns': `${WIDE.map((n) => `c${n}`)}\n${WIDE}\n${WIDE.map((n) => `"${n}${LF}"`)}\n`,
  'whitespace at the edges of unquoted fields': 'k,a,b\n1,  x ,\ty\n',
  'whitespace at the edges of quoted fields': 'k,a,b\n1,"  x ","\ty\n "\n',
  'a field of one space, and one of none': 'k,a,b\n1, ,\n2,," "\n',
  'a delimiter in quotes': 'k,a,b\n1,"x,y",z\n2,",",","\n',
  'doubled quotes at the edges': 'k,a\n1,"""x"""\n2,""""\n3,""""""\n',
  'quotes around a delimiter': 'k,a,b\n1,""",""",x\n',
  'quotes on the right of a delimiter': 'k,a,b\n1,",""",x\n',
  'quotes on the left of a delimiter': 'k,a,b\n1,""",",x\n',
  'five quotes in a row, and a delimiter': 'k,a,b\n"1","cnonce="""",nc=""""","2"\n',
  'quotes at the end of a row': 'k,a\n1,"c""c"""\n2,d\n',
  'quotes around line breaks': `k,a\n1,"""${LF}"""\n2,"""${CR}"""\n3,"""${CRLF}"""\n`,
  'a line break of each kind in quotes': `k,a\n1,"x${LF}y"\n2,"x${CR}y"\n3,"x${CRLF}y"\n`,
  'line breaks alone in quotes': `k,a\n1,"${LF}"\n2,"${CR}"\n3,"${CRLF}"\n4,"${LF}${LF}${CR}${CR}"\n`,
  'LF in quotes where records end in CRLF': `k,a${CRLF}1,"x${LF}${LF}y"${CRLF}2,z${CRLF}`,
  'CRLF in quotes where records end in CR': `k,a${CR}1,"x${CRLF}y"${CR}2,z${CR}`,
  'CR in quotes where records end in LF': `k,a${LF}1,"x${CR}y${CR}"${LF}2,z${LF}`,
  'rows that begin with a quoted field': 'k,a\n"1",x\n"2",y\n',
  'rows that end with a quoted field': 'k,a\n1,"x"\n2,"y"\n',
  'everything in quotes': '"k","a"\n"1","x"\n"2",""\n',
  'a quoted header with a comma, a quote and a line break': '"k","a, b","c ""d""","e\nf"\n1,2,3,4\n',
  'empty fields one after the other': 'k,a,b,c,d\n1,,,,\n2,,x,,y\n3,x,,,\n',
  'NULLs and empty strings': 'k,a,b\n1,,""\n2,"",\n3,"",""\n4,,\n',
  'an empty string at the end of the file': 'k,a\n1,""\n2,""',
  'NULL at the end of the file': 'k,a\n1,\n2,',
  'a last column that is always empty': 'k,a,b\n1,x,\n2,y,\n',
  'words that mean NULL elsewhere': 'k,a\n1,NULL\n2,\\N\n3,null\n4,nil\n5,"\\N"\n',
  'backslashes are text': 'k,a\n1,\\\n2,"\\"\n3,\\n\n4,"x\\""y"\n5,\\\\\n',
  '\\. among other text': 'k,a\n\\.,1\n1,\\.\n2,\\.x\nx\\.,"\\."\n',
  'apostrophes are text': "k,a\n1,'x'\n2,'\n",
  'other delimiters are text': 'k,a\n1,x;y\n2,x\ty\n3,x|y\n',
  'comment signs are text': '#k,a\n1,#x\n#2,y\n',
  'formulas are text': 'k,a\n=1+1,@x\n-1,+x\n',
  'a byte order mark': '\uFEFFk,a\n1,x\n',
  'a byte order mark before a quote': '\uFEFF"k","a"\n"1","x"\n',
  'letters of two, three and four bytes': 'k,ä\né,日本語\n🎁,"👩‍👩‍👧, 𝔘𝔫𝔦𝔠𝔬𝔡𝔢"\nе́,e\u0301\n',
  'unusual line breaks are text': 'k,a\n1,x\u2028y\n2,x\u0085y\n3,x\u000by\u000c\n',
  'control characters are text': 'k,a\n1,\u0001\u001b\u007f\n2,"\u001f"\n',
  'numbers are kept as they are written': 'k,a\n007,1.50\n7,1e3\n+7,-0\n',
  'a field of a million letters': `k,a\n1,${'x'.repeat(1_000_000)}\n2,"${`y""${LF}`.repeat(250_000)}"\n`,
}

t.test('files of other suites', async (t) => {
  const db = await testDatabase(t)
  for (const [index, [name, content]] of Object.entries(CASES).entries()) {
    await loadsAsCopyDoes(t, db, name, Buffer.from(content), [WAYS[index % 2] as Way])
  }
})
