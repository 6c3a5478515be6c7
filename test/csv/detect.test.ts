import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import t from 'tap'
import { describeDialect } from '../../lib/csv/describe.js'
import { detectDialect, type Given } from '../../lib/csv/detect.js'
import { detectEncoding } from '../../lib/csv/detect-encoding.js'
import type { Dialect } from '../../lib/csv/scan.js'
import { realFiles } from '../support/files.js'

const USUAL: Given = { trim: false, header: true, skipLines: 0 }

/** `;'\`: delimiter, quote, and the escape where it is another character. */
function spelled({ delimiter, quote, escape: mark }: Dialect): string {
  const bytes = mark === quote ? [delimiter, quote] : [delimiter, quote, mark]
  return String.fromCharCode(...bytes)
}

function detected(text: string | Buffer, given: Partial<Given> = {}, final = true) {
  const { dialect, notes } = detectDialect(Buffer.from(text as string), { ...USUAL, ...given }, final)
  return { dialect: spelled(dialect), notes }
}

const rows = (count: number, row: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => `${row(n)}\n`).join('')

// biome-ignore format: a table
const SURE: [name: string, text: string, dialect: string, given?: Partial<Given>][] = [
  ['nothing at all', '', ',"'],
  ['a header alone', 'a,b,c', ',"'],
  ['a header alone, with semicolons', 'a;b;c\n', ';"'],
  ['one column', 'name\nx\ny\n', ',"'],
  ['one column of text with semicolons', 'name\nx; y\nz; a\n', ',"'],
  ['one column of quoted text', '"a;b"\n"x;y"\n', ',"'],
  ['one column of sentences', 'text\nWell, it is\nYes\nNo, no, no\n', ',"'],
  ['semicolons', 'a;b;c\n1;2;3\n4;5;6\n', ';"'],
  ['semicolons, and commas in numbers', 'name;price\nx;1,5\ny;2,25\nz;3\n', ';"'],
  ['semicolons between quoted fields', '"a";"b"\n"1,2";"x"\n"3,4";"y"\n', ';"'],
  ['semicolons behind blank lines', '\r\n\na;b\n1;2\n', ';"'],
  ['semicolons, CR', 'a;b\r1;2\r3;4\r', ';"'],
  ['tabs', 'a\tb\n1, 2\tx\n3, 4\ty\n', '\t"'],
  ['pipes', 'a|b|c\r\n1|2|3\r\n', '|"'],
  ['pipes, and semicolons in some cells', 'a|b\n1;2|3\n4|5\n6|7;8;9\n', '|"'],
  ['commas, and semicolons in quotes and cells', 'a,b\n"x;y;z",1\nu;v,2\n3,w\n', ',"'],
  ['commas, and a cell of JSON', 'a,b\n1,"{""x"": [1; 2], ""y"": ""z|""}"\n2,\n', ',"'],
  ['commas, line breaks and doubled quotes in cells', 'a,b\n1,"x\n""y"";\nz"\n2,y\n', ',"'],
  ['commas after a byte order mark', '\uFEFFa,b\n1,2\n', ',"'],
  ['semicolons after a byte order mark', '\uFEFF"a";"b"\n1;2\n', ';"'],
  ['a broken record does not matter', `a;b;c\n${rows(40, () => '1;2;3')}1;2\n"x;5\n`, ';"'],
  ['… of three', 'a;b;c\n1;2;3\n1;2\n', ';"'],
  ['… nor with commas', `a,b,c\n${rows(10, () => '1,2;3,x')}1;2\n"x,5\n`, ',"'],
  ['apostrophes in text', "a,b\nit's,'90s\nrock 'n' roll,'80s\ndon't,y'all\n", ',"'],
  ['a word in apostrophes', "k,a\n1,'x'\n2,y\n3,z\n", ',"'],
  ['apostrophes that nothing closes', "k,a\n1,'x'\n2,'\n", ',"'],
  ['apostrophes around fields', "'a','b'\n'1','x, y'\n'2','it''s'\n", ",'"],
  ['… but not around the header', "a;b\n1;'x'\n2;'y;z'\n3;'u'\n", ";'"],
  ['… with escapes', "a,b\n1,'it\\'s, well'\n2,'y'\n3,'don\\'t, no'\n", ",'\\"],
  ['backslashes before quotes', 'a,b\n1,"say \\"hi\\", now"\n2,"x"\n', ',"\\'],
  ['… between semicolons', 'a;b\n1;"say \\"hi\\"; now"\n2;"x"\n', ';"\\'],
  ['backslashes that escape nothing', 'a,b\n1,"C:\\dir\\"\n2,"\\n"\n3,"x\\""y"\n', ',"'],
  ['a field that ends with a backslash', 'a,b\n"C:\\",x\n"D:\\",y\n', ',"'],
  ['lines to skip', 'Report; of | today\n\na;b\n1;2\n', ';"', { skipLines: 2 }],
  ['no header', '1;2\n3;4\n', ';"', { header: false }],
  ['no header, one column', 'x\ny;z\nu\n', ',"', { header: false }],
  ['a given delimiter is not questioned', 'a;b\n1;2\n', ',"', { delimiter: 0x2c }],
  ['a given quote is not questioned', "'a';'b'\n'1';'2'\n", ';"', { quote: 0x22 }],
  ['a given escape is not questioned', 'a,b\n1,"say \\"hi\\", now"\n', ',"', { escape: 0x22 }],
  ['tabs without quotes', 'a\tb\n1\t5" pipe\n2\t"x\n', '\t\x01', { quote: 1, delimiter: 9 }],
]

t.test('what is plain', async (t) => {
  for (const [name, text, dialect, given] of SURE)
    t.strictSame(detected(text, given), { dialect, notes: [] }, name)
})

// biome-ignore format: a table
const UNSURE: [name: string, text: string, dialect: string, notes: string[]][] = [
  ['both make columns', 'a,b;c\n1,2;3\n', ',"', ['not sure of the delimiter: comma gives 2 fields in 2 of 2 records, semicolon gives 2 fields in 2 of 2 records; --delimiter decides']],
  ['a comma in the header', `a, b;c;d\n${rows(39, (n) => `1${',5'.repeat(n % 5)};2;3`)}1;2\n`, ';"', ['not sure of the delimiter: semicolon gives 3 fields in 40 of 41 records, comma gives 1 to 5 fields; --delimiter decides']],
  ['the header alone splits', 'a;b;c\n1\n2\n3;4;5;6\n', ',"', []],
  ['blanks before quotes', 'a, "b"\n1, "x, y"\n2, "z"\n', ',"', ['blanks stand between delimiters and quotes; --trim leaves them out']],
  ['apostrophes around some fields', "a,b\n1,'x'\n2,'y'\n3,z\n4,5\n", ',"', ['not sure of the quote: 2 of 5 records have a field in apostrophes, taken for text; --quote decides']],
]

t.test('what is not sure is said', async (t) => {
  for (const [name, text, dialect, notes] of UNSURE) t.strictSame(detected(text), { dialect, notes }, name)
})

t.test('the head may end anywhere', async (t) => {
  const semicolons = `"a";"b";"c"\n${rows(20, (n) => `${n},5;"x\n;""y""";z`)}`
  for (let end = 12; end <= semicolons.length; end += 1) {
    t.equal(detected(semicolons.slice(0, end), {}, false).dialect, ';"', `${end} bytes`)
  }
})

t.test('real files, and those of csv-spectrum', async (t) => {
  const spectrum = join(dirname(createRequire(import.meta.url).resolve('csv-spectrum')), 'csvs')
  const paths = [...Object.values(realFiles), ...readdirSync(spectrum).map((name) => join(spectrum, name))]
  t.ok(paths.length >= 14)
  for (const path of paths) {
    const bytes = readFileSync(path)
    t.strictSame(detected(bytes.subarray(0, 2 ** 20)), { dialect: ',"', notes: [] }, path)
    // As others would write it.
    if (bytes.includes(';') || bytes.includes("'")) continue
    const semicolons = bytes.toString('latin1').replace(/("[^"]*")|,/g, (_, quoted) => quoted ?? ';')
    t.equal(
      detected(Buffer.from(semicolons, 'latin1')).dialect,
      bytes.includes(',') ? ';"' : ',"',
      `${path} with semicolons`,
    )
  }
})

// biome-ignore format: a table
const ENCODINGS: [name: string, hex: string, encoding: string, mark: number, note?: RegExp][] = [
  ['nothing', '', 'UTF8', 0],
  ['ASCII', '612c62', 'UTF8', 0],
  ['a mark of UTF-8', 'efbbbf61', 'UTF8', 3],
  ['UTF-16LE', 'fffe6100', 'UTF-16LE', 2],
  ['UTF-16BE', 'feff0061', 'UTF-16BE', 2],
  ['UTF-32LE begins as UTF-16LE does', 'fffe000061000000', 'UTF-32LE', 4],
  ['UTF-32BE', '0000feff00000061', 'UTF-32BE', 4],
  ['a character that is cut off', '61c3', 'UTF8', 0],
  ['a longer one', '61f09f8e', 'UTF8', 0],
  ['Latin-1', '610a62e9206363', 'UTF8', 0, /such as E9 in line 2: .* --encoding WIN1252$/],
  ['Latin-1 behind UTF-8', 'c3a90d0a0a6261e4', 'UTF8', 0],
  ['Latin-1, a letter behind it', 'c3a90d0ae461', 'UTF8', 0, /such as E4 in line 2:/],
  ['UTF-16LE without a mark', '61002c006200e1010a00', 'UTF8', 0, /UTF-16LE; --encoding UTF-16LE decides$/],
  ['UTF-16BE without a mark', '0061002c0062000a', 'UTF8', 0, /UTF-16BE; --encoding UTF-16BE decides$/],
  ['a NUL in text', '612c6200630a', 'UTF8', 0],
]

t.test('encodings', async (t) => {
  for (const [name, hex, encoding, mark, note] of ENCODINGS) {
    const found = detectEncoding(Buffer.from(hex, 'hex'))
    t.match(found, { name: encoding, mark, notes: note ? [note] : [] }, name)
    t.equal(found.notes.length, note ? 1 : 0, name)
  }
  t.match(
    detectEncoding(Buffer.from('61e4', 'hex'), true).notes,
    [/E4 in line 1/],
    'cut off by the end of the file',
  )
})

t.test('a dialect is described in a line', async (t) => {
  const usual = { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false }
  const names = ['name', 'sku', 'description']
  t.equal(
    describeDialect(usual, 'UTF8', 4, names, true),
    'comma, UTF-8, CRLF, header: name, sku, description',
  )
  const odd = { delimiter: 0x5e, quote: 0x27, escape: 0x5c, trim: true }
  t.equal(
    describeDialect(odd, 'WIN1252', 5, ['a'], false),
    '"^", quote \', escape \\, trimmed, WIN1252, mixed line ends, no header: a',
  )
  const many = Array.from({ length: 20 }, (_, n) => `c${n}`)
  t.match(
    describeDialect({ ...usual, delimiter: 9, quote: 1, escape: 1 }, 'UTF8', 0, many, true),
    /^tab, no quotes, UTF-8, header: c0, .*, c11, … \(20 columns\)$/,
  )
})
