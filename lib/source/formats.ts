import { DasyError } from '../base/errors.js'
import { isJson } from './json.js'

/** Formats that are decompressed as a stream. */
export type Codec = 'gzip' | 'zstd'

/** The bytes at the start of a source that identify its format. */
export const HEAD_LENGTH = 512

/** The first bytes of a format. They contain a byte that no column name contains. */
interface Signature {
  readonly format: string
  readonly starts: readonly string[]
  /** Bytes at an offset, if the start alone does not identify the format. */
  readonly inside?: readonly [offset: number, texts: readonly string[]]
  /** How to convert it to text. */
  readonly remedy: string
}

const by = (program: string) => `${program} FILE | dasy ingest -`
const EXPORT = 'Export it as CSV, then load that.'
const ZIP_ENTRY = 'PK\x03\x04'
/** The offset of the first entry's name in a zip archive. */
const ENTRY_NAME = 30
const XLSX = ['[Content_Types].xml', '_rels/', 'docProps/', 'xl/']

// biome-ignore format: a table
const UNSUPPORTED: readonly Signature[] = [
  { format: 'bzip2', starts: ['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((level) => `BZh${level}1AY&SY`), remedy: by('bzip2 -dc') },
  { format: 'xz', starts: ['\xfd7zXZ\0'], remedy: by('xz -dc') },
  { format: 'lzma', starts: [']\0\0'], remedy: by('xz -dc --format=lzma') },
  { format: 'lzip', starts: ['LZIP\x01'], remedy: by('lzip -dc') },
  { format: 'lzop', starts: ['\x89LZO\0'], remedy: by('lzop -dc') },
  { format: 'lz4', starts: ['\x04"M\x18', '\x02!L\x18'], remedy: by('lz4 -dc') },
  { format: 'compress (.Z)', starts: ['\x1f\x9d', '\x1f\xa0', '\x1f\x1e'], remedy: by('gzip -dc') },
  { format: 'snappy', starts: ['\xff\x06\0\0sNaPpY'], remedy: by('snzip -dc') },
  { format: '7z', starts: ['7z\xbc\xaf\x27\x1c'], remedy: by('7z x -so') },
  { format: 'rar', starts: ['Rar!\x1a\x07'], remedy: by('unrar p -inul') },
  { format: 'tar', starts: [''], inside: [257, ['ustar\0', 'ustar ']], remedy: by('tar -xOf') },
  { format: 'Excel (xlsx)', starts: [ZIP_ENTRY], inside: [ENTRY_NAME, XLSX], remedy: EXPORT },
  { format: 'OpenDocument (ods)', starts: [ZIP_ENTRY], inside: [ENTRY_NAME, ['mimetypeapplication/']], remedy: EXPORT },
  { format: 'Excel (xls)', starts: ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'], remedy: EXPORT },
  { format: 'Parquet', starts: ['PAR1\x15', 'PAR1\x19', 'PAR1\x1c'], remedy: EXPORT },
  { format: 'Avro', starts: ['Obj\x01'], remedy: EXPORT },
  { format: 'Arrow', starts: ['ARROW1\0'], remedy: EXPORT },
  { format: 'SQLite', starts: ['SQLite format 3\0'], remedy: EXPORT },
  { format: 'pg_dump -Fc', starts: ['PGDMP\x01'], remedy: 'Restore it with pg_restore.' },
  { format: 'PDF', starts: ['%PDF-'], remedy: EXPORT },
  { format: 'HTML', starts: ['<!DOCTYPE html', '<!doctype html', '<html', '<HTML'], remedy: EXPORT },
  { format: 'XML', starts: ['<?xml'], remedy: EXPORT },
]

const JSON_FORMAT = {
  format: 'JSON',
  remedy:
    "Convert it to CSV, for example: jq -r '.[] | [.sku, .name] | @csv' FILE | dasy ingest - --no-header --columns sku,name",
}
const NONE = { format: undefined, remedy: undefined }

/** Magic numbers of zstd's skippable frames, which pzstd writes first: there are sixteen. */
const SKIPPABLE = Array.from({ length: 16 }, (_, index) => `${String.fromCharCode(0x50 + index)}*M\x18`)

const KNOWN: readonly [codec: Codec | 'zip', starts: readonly string[]][] = [
  ['gzip', ['\x1f\x8b\x08']],
  ['zstd', ['\x28\xb5\x2f\xfd', ...SKIPPABLE]],
  // The second is an empty archive, the third the first part of one.
  ['zip', [ZIP_ENTRY, 'PK\x05\x06', 'PK\x07\x08']],
]

/**
 * The compression of a source, if dasy reads it. File names do not matter.
 * @param head the first HEAD_LENGTH bytes, or all
 */
export function detectFormat(head: Uint8Array): Codec | 'zip' | undefined {
  const text = Buffer.from(head).toString('latin1')
  return KNOWN.find(([, starts]) => startsWithOne(text, 0, starts))?.[0]
}

/**
 * The error UNSUPPORTED_FORMAT if the bytes are in a format that dasy does not read, else undefined. Call it before
 * `detectFormat`, because a spreadsheet is a zip archive, and again for decompressed bytes.
 *
 * @param head the first HEAD_LENGTH bytes, or all
 */
export function unsupported(head: Uint8Array, name: string): DasyError | undefined {
  const text = Buffer.from(head).toString('latin1')
  const found = UNSUPPORTED.find(
    ({ starts, inside: [offset, texts] = [0, starts] }) =>
      startsWithOne(text, 0, starts) && startsWithOne(text, offset, texts),
  )
  const { format, remedy } = found ?? (isJson(text, head.length < HEAD_LENGTH) ? JSON_FORMAT : NONE)
  if (format === undefined) return undefined
  return new DasyError('UNSUPPORTED_FORMAT', `${name} has the format ${format}, which dasy does not read`, {
    hint: remedy,
    details: { file: name, format },
  })
}

function startsWithOne(text: string, offset: number, starts: readonly string[]): boolean {
  return starts.some((start) => text.startsWith(start, offset))
}
