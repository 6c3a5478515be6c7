import type { RawField } from '../lenient.js'
import type { Sample } from '../sample.js'

/** The number of records, and of fields in each, that are checked. */
const ENOUGH = 40
const ENOUGH_FIELDS = 20

const NUMBER = /^[-+]?(?:[€$£\x80]|[A-Z]{3} )?\s?\d+(?:[.,' ]\d+)*\s?(?:[%€$£\x80]|[A-Za-z]{1,3})?$/
const DATE =
  /^\d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s?(?:Z|[-+]\d{2}:?\d{2})?)?$/
const ADDRESS = /^(?:[a-z][a-z+.-]*:\/\/[^\s"]+|[^\s@,;|"]+@[^\s@,;|"]+)$/i
const JSON_TEXT = /^(?:\{.*\}|\[.*\])$/
const ENTITY = /&#?\w+;/g

/**
 * How much the fields of a sample look like values, from 0 to 1: numbers, dates and plain words do; fields that contain
 * other delimiters or half of a pair of quotes do not.
 */
export function cleanliness({ records, dialect }: Pick<Sample, 'records' | 'dialect'>): number {
  let sum = 0
  let count = 0
  for (const { fields } of records.slice(0, ENOUGH)) {
    for (const field of fields.slice(0, ENOUGH_FIELDS)) {
      sum += cleanlinessOf(field, dialect.trim)
      count += 1
    }
  }
  return count === 0 ? 0 : sum / count
}

function cleanlinessOf({ bytes, quoted }: RawField, trim: boolean): number {
  if (quoted || bytes.length === 0) return 1
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  // A tab is hardly ever text, so it must be a delimiter.
  if (text.includes('\t')) return 0
  if (isValue(text)) return 1
  const words = text.replace(ENTITY, '')
  let score = 0.9
  if (!trim && /^\s|\s$/.test(text)) score *= 0.5
  if (words.includes('|')) score *= 0.35
  if (words.includes(';')) score *= /\d;\d/.test(words) ? 0.6 : /;\S/.test(words) ? 0.5 : 0.8
  if (words.includes(',')) score *= /,\S/.test(words) ? 0.45 : 0.8
  const quotes = text.split('"').length - 1
  if (quotes > 0) score *= quotes % 2 === 1 ? 0.3 : 0.8
  return score
}

/** A number, a date, an address, a piece of JSON. */
export function isValue(text: string): boolean {
  return isNumberOrDate(text) || ADDRESS.test(text) || (JSON_TEXT.test(text) && text.length > 2)
}

export function isNumberOrDate(text: string): boolean {
  return NUMBER.test(text) || DATE.test(text)
}
