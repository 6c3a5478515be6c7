import { badValue } from './values.js'

/** How a file is written, as options say it. */

/** Instead of a quote where fields have none: a character that no text should hold. */
export const NO_QUOTE = 1

/** Byte values; undefined where nobody has said. */
export interface DialectOptions {
  readonly delimiter: number | undefined
  readonly quote: number | undefined
  readonly escape: number | undefined
}

const NAMED: Readonly<Record<string, number>> = {
  tab: 9,
  '\\t': 9,
  comma: 44,
  semicolon: 59,
  pipe: 124,
  space: 32,
}

export function parseDialect(options: {
  delimiter?: string | undefined
  quote?: string | undefined
  escape?: string | undefined
}): DialectOptions {
  const delimiter = parseCharacter('--delimiter', options.delimiter, NAMED)
  const quote = parseCharacter('--quote', options.quote, { none: NO_QUOTE })
  const escaping = parseCharacter('--escape', options.escape, {})
  if (delimiter !== undefined && (delimiter === quote || delimiter === escaping))
    throw badValue('--delimiter', options.delimiter, 'it cannot be the quote or the escape as well')
  return { delimiter, quote, escape: escaping }
}

function parseCharacter(
  flag: string,
  text: string | undefined,
  named: Readonly<Record<string, number>>,
): number | undefined {
  if (text === undefined) return undefined
  const name = text.toLowerCase()
  const byte = Object.hasOwn(named, name) ? named[name] : text.length === 1 ? text.charCodeAt(0) : undefined
  // What PostgreSQL takes for COPY, and what cannot be part of another character.
  if (byte !== undefined && byte > 0 && byte < 128 && byte !== 10 && byte !== 13) return byte
  const names = Object.keys(named).filter((each) => /^[a-z]+$/.test(each))
  const also = names.length > 0 ? `, or ${names.join(', ')}` : ''
  throw badValue(flag, text, `it takes one ASCII character${also}`)
}

/** It cannot hold what would end it, or the field. */
export function parseNullWord(
  word: string | undefined,
  { delimiter = 44, quote = 34 }: DialectOptions,
): string | undefined {
  if (word === '') throw badValue('--null', word, 'an unquoted empty field is NULL anyway; name another word')
  const forbidden = ['\r', '\n', '\0', String.fromCharCode(delimiter), String.fromCharCode(quote)]
  if (word !== undefined && forbidden.some((each) => word.includes(each)))
    throw badValue(
      '--null',
      word.replace(/\p{Cc}/gu, ' '),
      'it takes a word without delimiter, quote or line break',
    )
  return word
}
