import { isUtf8 } from 'node:buffer'
import { UTF8 } from './encoding.js'
import type { FieldCounter } from './field-counter.js'
import { forCopy } from './for-copy.js'
import type { RecordFormat } from './format.js'
import { splitLeniently, writeFields } from './lenient.js'
import type { SourceRecord } from './records.js'
import { endWithoutSurplus, withSurplus } from './surplus.js'

const END_OF_DATA = Buffer.from('\\.')

/** The text for COPY, without a line end, or the reason for a reject. */
export type RecordResult = { readonly text: Buffer } | { readonly reason: string }

export function classifyRecord(
  record: SourceRecord,
  format: RecordFormat,
  fieldCounter: FieldCounter,
): RecordResult {
  const { fault, bytes } = record
  const lenient = format.lenientQuotes && (fault === 'stray quote' || fault === 'unescaped quote')
  if (fault === 'record too long') return { reason: tooLong(record, format.maxRecord) }
  if (fault !== undefined && !lenient) return { reason: fault }
  if (bytes.includes(0)) return { reason: 'NUL byte' }
  // PostgreSQL checks text in other encodings when it converts it.
  if (format.encoding === UTF8 && !isUtf8(bytes)) return { reason: 'invalid UTF-8' }
  return lenient ? rewritten(bytes, format) : unchanged(bytes, format, fieldCounter)
}

function unchanged(bytes: Buffer, format: RecordFormat, fieldCounter: FieldCounter): RecordResult {
  const { columns, dialect, surplus } = format
  const fields = fieldCounter.count(bytes)
  const end = endWithoutSurplus(bytes, bytes.length, Math.max(0, fields - columns), dialect)
  if (fields < columns || end === undefined) return { reason: wrongCount(fields, columns) }
  const text = forCopy(bytes.subarray(0, end), format)
  // For PostgreSQL before 18 a bare `\.` ends the data; in quotes it is text.
  return END_OF_DATA.equals(text) ? rewritten(text, format) : { text: withSurplus(text, surplus, dialect) }
}

function rewritten(bytes: Buffer, { columns, dialect, nullWord, surplus }: RecordFormat): RecordResult {
  const fields = splitLeniently(bytes, dialect)
  if (!fields) return { reason: 'quote never closed' }
  const isFilled = fields.slice(columns).some((field) => field.quoted || field.bytes.length > 0)
  if (fields.length < columns || isFilled) return { reason: wrongCount(fields.length, columns) }
  const text = writeFields(fields.slice(0, columns), dialect, nullWord)
  return { text: withSurplus(text, surplus, dialect) }
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
