import { isUtf8 } from 'node:buffer'
import { UTF8 } from '../csv/encoding.js'
import type { FieldCounter } from '../csv/field-counter.js'
import { forCopy } from '../csv/for-copy.js'
import type { Format } from '../csv/format.js'
import { splitLeniently, writeFields } from '../csv/lenient.js'
import type { SourceRecord } from '../ranges/records.js'

const END_OF_DATA = Buffer.from('\\.')

/** What COPY is to get for a record, without a line end, or else why it gets nothing. */
export type Verdict = { readonly text: Buffer } | { readonly reason: string }

export function judge(
  record: SourceRecord,
  columns: number,
  format: Format,
  fieldCounter: FieldCounter,
): Verdict {
  const { fault, bytes } = record
  const lenient = format.lenientQuotes && (fault === 'stray quote' || fault === 'unescaped quote')
  if (fault === 'record too long') return { reason: tooLong(record, format.maxRecord) }
  if (fault !== undefined && !lenient) return { reason: fault }
  if (bytes.includes(0)) return { reason: 'NUL byte' }
  // Other encodings are PostgreSQL's to check: it refuses what it cannot convert.
  if (format.encoding === UTF8 && !isUtf8(bytes)) return { reason: 'invalid UTF-8' }
  return lenient ? rewritten(bytes, columns, format) : asItStands(bytes, columns, format, fieldCounter)
}

function asItStands(bytes: Buffer, columns: number, format: Format, fieldCounter: FieldCounter): Verdict {
  const fields = fieldCounter.count(bytes)
  if (fields !== columns) return { reason: wrongCount(fields, columns) }
  const text = forCopy(bytes, format)
  // PostgreSQL before 18 takes a bare `\.` for the end of the data; in quotes it does not.
  return END_OF_DATA.equals(text) ? rewritten(text, columns, format) : { text }
}

function rewritten(bytes: Buffer, columns: number, { dialect, nullWord }: Format): Verdict {
  const fields = splitLeniently(bytes, dialect)
  if (!fields) return { reason: 'quote never closed' }
  if (fields.length !== columns) return { reason: wrongCount(fields.length, columns) }
  return { text: writeFields(fields, dialect, nullWord) }
}

function wrongCount(fields: number, columns: number): string {
  return fields < columns
    ? `too few fields: ${fields} of ${columns}`
    : `too many fields: ${fields} for ${columns} columns`
}

export function tooLong({ complete, bytes }: SourceRecord, maxRecord: number): string {
  const kept = complete ? '' : `; its first ${bytes.length} bytes are kept`
  return `record too long: over ${maxRecord} bytes${kept}`
}
