import { gzipSync } from 'node:zlib'
import t from 'tap'
import { detectFormat, unsupported } from '../../lib/source/formats.js'

const bytes = (text: string) => Buffer.from(text, 'latin1')
/** How a zip archive begins whose first entry has a name. */
const zip = (name: string) => bytes(`PK\x03\x04${'\0'.repeat(26)}${name}`)

const KNOWN: [name: string, head: Uint8Array, codec: string | undefined][] = [
  ['gzip', gzipSync('sku\n'), 'gzip'],
  ['zstd', bytes('\x28\xb5\x2f\xfd\x24'), 'zstd'],
  ['a skippable frame of zstd', bytes('\x5f\x2a\x4d\x18\x04\0\0\0'), 'zstd'],
  ['zip', zip('products.csv'), 'zip'],
  ['an empty zip archive', bytes(`PK\x05\x06${'\0'.repeat(18)}`), 'zip'],
  ['CSV', bytes('sku,name\n'), undefined],
  ['columns whose names look like it', bytes('PK,BZh1,PAR1,7z\n'), undefined],
  ['nothing', bytes(''), undefined],
  ['a lone byte', bytes('\x1f'), undefined],
]
for (const [name, head, codec] of KNOWN) {
  t.test(`${name} is recognised as ${codec ?? 'text'}`, async (t) => {
    t.equal(detectFormat(head), codec)
    t.equal(unsupported(head, 'a'), undefined)
  })
}

const UNSUPPORTED: [format: string, head: Uint8Array, remedy: RegExp][] = [
  ['bzip2', bytes('BZh91AY&SY\x12'), /bzip2 -dc FILE \| dasy ingest -/],
  ['xz', bytes('\xfd7zXZ\0\0\x04'), /xz -dc FILE \| dasy ingest -/],
  ['7z', bytes('7z\xbc\xaf\x27\x1c\0\x04'), /7z x/],
  ['lz4', bytes('\x04"M\x18d@'), /lz4 -dc/],
  ['compress (.Z)', bytes('\x1f\x9d\x90s'), /gzip -dc/],
  ['tar', bytes(`products.csv${'\0'.repeat(245)}ustar\x0000`), /tar -xOf/],
  ['Excel (xlsx)', zip('[Content_Types].xml'), /Export/],
  ['OpenDocument (ods)', zip('mimetypeapplication/vnd.oasis'), /Export/],
  ['Excel (xls)', bytes('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'), /Export/],
  ['Parquet', bytes('PAR1\x15\x04'), /Export/],
  ['SQLite', bytes('SQLite format 3\0'), /Export/],
  ['PDF', bytes('%PDF-1.7\n'), /Export/],
  ['HTML', bytes('<!DOCTYPE html>\n<html>'), /Export/],
  ['JSON', bytes('[{"sku":1,"name":"x"},\n{"sku":2}]'), /jq -r/],
  ['JSON', bytes('{"sku":1,"name":"x"}\n{"sku":2,"name":"y"}\n'), /jq/],
  ['JSON', bytes('\xef\xbb\xbf{\n  "sku": 1\n}'), /jq/],
  ['JSON', bytes('[\r\n  [1, 2]\r\n]'), /jq/],
  ['JSON', bytes('[]'), /jq/],
  ['JSON', bytes(`[{"sku":1,"name":"${'x'.repeat(500)}`), /jq/],
]
for (const [format, head, remedy] of UNSUPPORTED) {
  t.test(`${format} is refused with a remedy`, async (t) => {
    t.match(unsupported(head, 'a.bin'), {
      code: 'UNSUPPORTED_FORMAT',
      message: `a.bin has the format ${format}`,
      hint: remedy,
      details: { file: 'a.bin', format },
    })
  })
}

const TEXTS = [
  '{"a":1}\t5\n{"a":2}\t6\n',
  '[Name],[Price]\n',
  '{sku},{name}\n',
  '{"a":1};x;y\n',
  '[1],x\n',
  'BZh9 is a column\n',
  'PAR1,PAR2\n',
  'Obj,name\n',
  'Rar!,a\n',
  'mimetype,size\n',
  '%,PDF\n',
]
t.test('text that begins like one of them is text', async (t) => {
  for (const text of TEXTS) t.equal(unsupported(bytes(text), 'a.csv'), undefined, text)
})
