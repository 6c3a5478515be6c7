import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import t from 'tap'
import { describeDialect } from '../../lib/csv/describe.js'
import { detectDialect, type Given } from '../../lib/csv/detect.js'
import { detectEncoding } from '../../lib/csv/detect-encoding.js'
import type { Dialect } from '../../lib/csv/scan.js'
import { realFiles } from '../support/files.js'

const USUAL: Given = { trim: false, header: true, skipLines: 0, wanted: { key: [], all: [], known: [] } }

/** The key's columns are asked for. */
const keyed = (...key: string[]): Partial<Given> => ({ wanted: { key, all: key, known: [] } })

/** `;'\`: delimiter, quote, and the escape where it is another character. */
function spelled({ delimiter, quote, escape: mark }: Dialect): string {
  const bytes = mark === quote ? [delimiter, quote] : [delimiter, quote, mark]
  return String.fromCharCode(...bytes)
}

function detected(text: string | Buffer, given: Partial<Given> = {}, final = true) {
  const { dialect, doubts } = detectDialect(Buffer.from(text as string), { ...USUAL, ...given }, final)
  return { dialect: spelled(dialect), notes: doubts.map(({ text: doubt }) => doubt) }
}

const rows = (count: number, row: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => `${row(n)}\n`).join('')

// biome-ignore format: a table
const SURE: [name: string, text: string, dialect: string, given?: Partial<Given>][] = [
  ['nothing at all', '', ',"'],
  ['a header alone', 'a,b,c', ',"'],
  ['a header alone, with semicolons', 'a;b;c\n', ';"'],
  ['one column', 'name\nx\ny\n', ',"'],
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
  ['backslashes before quotes', 'a,b\n1,"say \\"hi\\", now"\n2,"x"\n', ',"\\'],
  ['… between semicolons', 'a;b\n1;"say \\"hi\\"; now"\n2;"x"\n', ';"\\'],
  ['backslashes that escape nothing', 'a,b\n1,"C:\\dir\\"\n2,"\\n"\n3,"x\\""y"\n', ',"'],
  ['a field that ends with a backslash', 'a,b\n"C:\\",x\n"D:\\",y\n', ',"'],
  ['one column, quoted', 'title\n"a, b"\n"c, d"\n', ',"'],
  ['… and what would split it is no comma', 'at\n"1.5;2.5"\n"3.5;4.5"\n', ',"'],
  ['… in quotes as well as its header', '"who"\n"it\'s a man"\n"it\'s a cat"\n', ',"'],
  ['surplus commas here and there', 'a,b\nx,y,,\nu,v\nw,z,,\n\'til,r,\ns,t,,\nu,v,,\n', ',"'],
  ['… behind the header too', 'a,b,,\nx,"say ""hi"", now",,\nu,v\nw,"z|",\n', ',"'],
  ['… and a remark beside the records', 'a,b,,\nx,y,,\nu,v,see,below\nw,z,,\n', ',"'],
  ['a pair of numbers in a cell', 'id,at\n1,1.5;2.5\n2,3.5;4.5\n', ',"'],
  ['commas in the numbers of each record', 'id;name;price;per\n1;x;1,50;kg\n2;y;2,25;kg\n', ';"'],
  ['pipes in quotes', '"a","b|c"\n"d","e|f"\n', ',"', { header: false }],
  ['apostrophes at one edge of cells', `a,b\n${rows(9, (n) => `${n},${n % 2 ? "kids'" : "'80s"}`)}`, ',"'],
  ['a field that was never closed', 'k,a\n1,"Giant\n2,x\n3,5" pipe 6"\n4,y\n', ',"'],
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

const SKU = keyed('sku')
const headerless = (...names: string[]): Partial<Given> => ({
  header: false,
  names,
  columns: names.length,
  ...SKU,
})

// biome-ignore format: a table
const DECIDED: [name: string, text: string, dialect: string, given: Partial<Given>][] = [
  ['the key is a column under one delimiter only', 'sku;price, EUR;name\n1;1,50;a\n2;2,50;b\n', ';"', SKU],
  ['… although another fits all records', 'sku\tsizes (S|M)\n1\tS|M\n2\tS|L\n3\tM|L\textra\n4\tS|L\n', '\t"', SKU],
  ['… and another ragged one', 'a;sku, the key\tname|x\n', '\t"', keyed('name|x')],
  ['a column of --map', 'a|b, c;d\n1|2, 3;4\n', '|"', { wanted: { key: [], all: ['b, c;d'], known: [] } }],
  ['as many fields as --columns', '1\ta;b;c\n2\ta;b;c\n', '\t"', headerless('sku', 'name')],
  ['one column that is the key', 'sku\na;b\nc;d\n', ',"', SKU],
  ['… with commas', 'sku\na,b\nc,d\n', '\t"', SKU],
]

t.test('what is asked for decides', async (t) => {
  for (const [name, text, dialect, given] of DECIDED)
    t.strictSame(detected(text, given), { dialect, notes: [] }, name)
})

// biome-ignore format: a table
const UNSURE: [name: string, text: string, dialect: string, notes: RegExp[], given?: Partial<Given>][] = [
  ['both make columns', 'a,b;c\n1,2;3\n', ';"', [/semicolon gives 2 fields in 2 of 2 records, comma gives 2 fields in 2 of 2 records; --delimiter decides$/]],
  ['the header alone splits', 'a;b;c\n1\n2\n3;4;5;6\n', ',"', [/read as one column, but semicolon/]],
  ['a tab among semicolons', 'sku\tnote;internal\n1\ta;b\n', '\t"', [/tab gives .* semicolon gives .*--delimiter/]],
  ['entities', 'k\turl&amp;\n1\tx?a=1&amp;b=2\n2\tx?a=1&amp;b=2\n', '\t"', [/--delimiter/]],
  ['a pipe before semicolons', '1|red; blue\n2|black; white\n', '|"', [/--delimiter/], headerless('sku', 'name')],
  ['one column of text with semicolons', 'name\nx; y\nz; a\n', ',"', [/read as one column, but semicolon/]],
  ['one column of quoted text', '"a;b"\n"x;y"\n', ';"', [/as a whole is in quotes.*--quote none/]],
  ['one column of sentences', 'text\nWell, it is\nYes\nNo, no, no\n', '\t"', [/some records contain a comma; --delimiter/]],
  ['another delimiter', 'id^name\n1^a\n2^b\n', ',"', [/"\^" gives 2 fields in 3 of 3 records; --delimiter \^ decides/]],
  ['… a tilde', 'id~name\n1~a\n2~b\n', ',"', [/--delimiter '~' decides/]],
  ['… blanks', 'id name\n1 a\n2 b\n', ',"', [/--delimiter space decides/]],
  ['… columns of a fixed width', 'id    name   price\n1     a b    3\n2     c      4\n', ',"', [/several blanks/]],
  ['… a framed table', '+--+--+\n| a | b |\n+--+--+\n| 1 | 2 |\n| 3 | 4 |\n+--+--+\n', ',"', [/pipe gives/]],
  ['blanks before quotes', 'a, "b"\n1, "x, y"\n2, "z"\n', ',"', [/--trim removes them$/]],
  ['apostrophes around some fields', "a,b\n1,'x'\n2,'y'\n3,z\n4,5\n", ',"', [/2 of 5 records have a field in apostrophes, read as text; --quote decides/]],
  ['apostrophes around all of a column', "sku,name\n1,'quoted'\n2,'also'\n", ',"', [/read as text; --quote/], SKU],
  ['… that would merge records', `sku,name\n${rows(250, (n) => `${n},'x'`)}251,'til dawn\n252,dogs'\n253,z\n`, ',"', [/read as text; --quote/], SKU],
  ['… with a delimiter in them, and a flaw', `sku,name\n${rows(20, (n) => `${n},'light, ventilated ${n}'`)}21,'it's, grippy'\n`, ",'", [/makes no sense without them; --quote/], SKU],
  ['… between blanks', "'No', 'Desc', 'kcal'\n'01', 'BUTTER', '333'\n'02', 'CREAM', '717'\n", ',"', [/read as text; --quote "'" --trim/]],
  ['apostrophes with delimiters in them', "'a','b'\n'1','x, y'\n'2','it''s'\n", ",'", [/makes no sense without them; --quote/]],
  ['… but not around the header', "a;b\n1;'x'\n2;'y;z'\n3;'u'\n", ";'", [/makes no sense without them; --quote/]],
  ['… with escapes', "a,b\n1,'it\\'s, well'\n2,'y'\n3,'don\\'t, no'\n", ",'\\", [/makes no sense without them; --quote/]],
  ["… around a header that is asked for", "'sku','name'\n'1','a'\n'2','b'\n", ",'", [/--quote/], SKU],
  ['quotes in text between tabs', 'sku\thtml\n1\t<p class="x">a</p>\n2\t<p class="x">b</p>\n', '\t\u0001', [/--quote decides/], SKU],
  ['… with a comma in the header', 'k\thtml, or so\n1\t<p class="x">a</p>\n2\t<p class="x">b</p>\n', '\t\u0001', [/--quote decides/]],
  ['… between semicolons', 'k;html\n1;<p class="x">a</p>\n2;5" pipe\n', ';\u0001', [/--quote decides/]],
  ['quotes that close some lines on', 'sku\tname\n1\t"open\n2\tplain\n3\tclose"\n4\tx\n', '\t"', [/line 2 spans lines.*--quote none/], SKU],
  ['pairs of backslashes', 'k,a\n1,"C:\\\\x"\n2,"D:\\\\y"\n', ',"', [/come in pairs.*--escape/]],
  ['a title', 'Report of 2025-01-06\nid;shop;price\n1;A;1.859\n2;B;1.799\n', ';"', [/title before "id;shop;price"; --skip-lines 1 /]],
  ['… and the key is missing', 'Report\nid;shop;price\n1;A;1.859\n2;B;1.799\n', ';"', [/--skip-lines 1 /], SKU],
  ['… of several lines, one of them blank', 'Price list, all shops\n\nas of; today\nsku|name\n1|a\n', '|"', [/the first 3 lines .*--skip-lines 3 /], SKU],
  ['… behind lines to skip', 'x\nPrice list\nsku|name\n1|a\n', '|"', [/--skip-lines 2 /], { ...SKU, skipLines: 1 }],
  ['… padded with delimiters', 'Price list,,\nid,name,price\n1,a,2\n2,b,3\n', ',"', [/before "id,name,price"; --skip-lines 1 /]],
  ['comments in front', '# made by X\n# on Y\nsku\tname\n1\ta\n', '\t"', [/2 lines look like comments.*--skip-lines 2 /], SKU],
  ['a comment between', 'sku;name\n1;a\n# no more\n2;b\n', ';"', [/^line 3 begins with "#".*--max-rejects 1 /], SKU],
  ['more comments than records', '# a\nsku;name\n# b\n1;a\n# c\n# d\n# e\n', ';"', [/--skip-lines 1 /, /^4 lines begin/], SKU],
  ['a header that is too short', 'a\tb\n1\tx\ty\n2\tx\ty\n', '\t"', [/header names 2 columns, but 2 of 2 records have 3 fields; --skip-lines/]],
  ['no header', '1,apple\n2,pear\n', ',"', [/looks like a record.*--no-header/]],
  ['a header in another order', 'name,sku\na,1\nb,2\n', ',"', [/names the columns in another order.*--no-header/], headerless('sku', 'name')],
  ['a header of other names', 'a;b\nx;1\ny;2\n', ';"', [/looks like a header.*--no-header/], headerless('sku', 'qty')],
]

t.test('what is not sure is said, with the flag that decides', async (t) => {
  for (const [name, text, dialect, notes, given] of UNSURE) {
    const found = detected(text, given)
    t.match(found, { dialect, notes }, name)
    t.equal(found.notes.length, notes.length, `${name}: nothing else`)
  }
})

t.test('a line that names the delimiter is no header', async (t) => {
  const found = (text: string, skipLines = 0) =>
    detectDialect(Buffer.from(text), { ...USUAL, ...SKU, skipLines }, true)
  for (const line of ['sep=;\n', '\ufeffSEP=;\r\n', '"sep=;"\n']) {
    const { dialect, skipLines, doubts } = found(`${line}sku;name, or so\n1;a,b\n`)
    t.same([spelled(dialect), skipLines, doubts], [';"', 1, []], JSON.stringify(line))
  }
  t.equal(spelled(found('sep=\t\nsku\tname\n').dialect), '\t"')
  t.match(found('sep=^\nsku^name\n', 1), { skipLines: 1, dialect: { delimiter: 0x5e } })
  t.match(found('sep,name\n1,2\n'), { skipLines: 0 })
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
  ['UTF-16LE without a mark', '61002c006200e1010a00', 'UTF-16LE', 0, /--encoding UTF-16LE \(or another\) decides$/],
  ['UTF-16BE without a mark', '0061002c0062000a', 'UTF-16BE', 0, /--encoding UTF-16BE \(or another\) decides$/],
  ['UTF-16LE, mostly CJK', `2c00${'e5652c67'.repeat(10)}0a00`.repeat(4), 'UTF-16LE', 0, /UTF-16LE/],
  ['UTF-16BE, mostly CJK', `002c${'65e5672c'.repeat(10)}000a`.repeat(4), 'UTF-16BE', 0, /UTF-16BE/],
  ['two NULs are too few to tell UTF-16', `002c${'65e5672c'.repeat(40)}000a`, 'UTF8', 0, /not UTF-8, such as E5/],
  ['NULs in Shift-JIS', `${'88d68e71'.repeat(4)}00410d0a`.repeat(10), 'UTF8', 0, /not UTF-8, such as 88/],
  ['NULs in a text of one byte a character', `${'736b752c6e616d65'.repeat(20)}000a${'612c62'.repeat(9)}00`, 'UTF8', 0],
  ['a NUL in a longer text', `${'612c62630a'.repeat(20)}2c000a${'612c62630a'.repeat(20)}`, 'UTF8', 0],
  ['a NUL in text', '612c6200630a', 'UTF8', 0],
]

t.test('encodings', async (t) => {
  for (const [name, hex, encoding, mark, note] of ENCODINGS) {
    const found = detectEncoding(Buffer.from(hex, 'hex'))
    t.match(found, { name: encoding, mark, doubts: note ? [{ text: note }] : [] }, name)
    t.equal(found.doubts.length, note ? 1 : 0, name)
  }
  t.match(
    detectEncoding(Buffer.from('61e4', 'hex'), true).doubts,
    [{ text: /E4 in line 1/ }],
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
