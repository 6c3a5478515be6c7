import { badValue } from './values.js'

/** The options that describe the dialect of a file, parsed. */

/** The quote of a dialect without quotes: a byte that no text should contain. */
export const NO_QUOTE = 1

/** Characters as byte values; undefined if they are to be detected. */
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

/** @throws DasyError BAD_OPTION */
export function parseDialect(options: {
  delimiter?: string | undefined
  quote?: string | undefined
  escape?: string | undefined
}): DialectOptions {
  const delimiter = parseCharacter('--delimiter', options.delimiter, NAMED)
  const quote = parseCharacter('--quote', options.quote, { none: NO_QUOTE })
  const escaping = parseCharacter('--escape', options.escape, {})
  if (delimiter !== undefined && (delimiter === quote || delimiter === escaping))
    throw badValue('--delimiter', options.delimiter, 'must differ from the quote and the escape character')
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
  // COPY accepts these, and no byte of a character beyond ASCII has such a value.
  if (byte !== undefined && byte > 0 && byte < 128 && byte !== 10 && byte !== 13) return byte
  const names = Object.keys(named).filter((each) => /^[a-z]+$/.test(each))
  const also = names.length > 0 ? `, or ${names.join(', ')}` : ''
  throw badValue(flag, text, `must be one ASCII character${also}`)
}

/**
 * The word for NULL. It must not contain characters that end a field or begin a quoted one.
 * @throws DasyError BAD_OPTION
 */
export function parseNullWord(
  word: string | undefined,
  { delimiter = 44, quote = 34 }: DialectOptions,
): string | undefined {
  if (word === '') throw badValue('--null', word, 'an unquoted empty field is always NULL; name another word')
  const forbidden = ['\r', '\n', '\0', String.fromCharCode(delimiter), String.fromCharCode(quote)]
  if (word !== undefined && forbidden.some((each) => word.includes(each)))
    throw badValue(
      '--null',
      word.replace(/\p{Cc}/gu, ' '),
      'must not contain the delimiter, a quote or a line break',
    )
  return word
}
