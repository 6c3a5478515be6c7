import type { DasyError } from '../base/errors.js'
import { tokenAt } from './sql-tokens.js'
import { badValue } from './values.js'

/**
 * A condition of the user: one SQL expression over the columns of a table. Its text becomes part of statements, so it must not
 * end before its own end, nor reach beyond it.
 */

/**
 * Refuses a text that could be more than one expression, or less, whatever PostgreSQL takes it for.
 * @throws DasyError BAD_OPTION
 */
export function requireOneExpression(flag: string, text: string): void {
  const refuse = (why: string): DasyError => badValue(flag, text, `must be one SQL expression: ${why}`)
  const open: string[] = []
  let isEmpty = true
  for (let at = 0; at < text.length; ) {
    const { kind, next } = tokenAt(text, at)
    const token = text.slice(at, next)
    if (!isClosed(kind, token, next === text.length))
      throw refuse(`${NAMES[kind] ?? 'something'} is not closed`)
    if (kind !== 'blank' && kind !== 'comment') isEmpty = false
    if (token === ';') throw refuse('there is a semicolon')
    if (/^\$\d/.test(token)) throw refuse(`${token} stands for nothing`)
    if (token === '(' || token === '[') open.push(token)
    const opened = token === ')' ? '(' : token === ']' ? '[' : undefined
    if (opened && open.pop() !== opened) throw refuse(`"${token}" closes nothing`)
    at = next
  }
  if (open.length > 0) throw refuse(`"${open.at(-1)}" is not closed`)
  if (isEmpty) throw refuse('it is empty')
  if (text.includes('\0')) throw refuse('there is a NUL character')
}

const NAMES: Readonly<Record<string, string>> = {
  comment: 'a comment',
  blank: 'a comment',
  text: 'a text',
  escaped: 'a text',
  name: 'a name',
  dollar: 'a text',
}

/** Whether a token that reaches to the end of the text has its own end. */
function isClosed(kind: string, token: string, isLast: boolean): boolean {
  if (!isLast) return true
  switch (kind) {
    case 'blank':
      return !token.startsWith('--')
    case 'comment':
      return token.length >= 4 && token.endsWith('*/') && isBalanced(token)
    case 'text':
      return token.length >= 2 && token.endsWith("'")
    case 'escaped':
      return /^[eE]'(?:[^'\\]|\\[\s\S]|'')*'$/.test(token)
    case 'name':
      return token.length >= 2 && token.endsWith('"')
    case 'dollar': {
      const tag = /^\$[^$]*\$/.exec(token)?.[0] ?? ''
      return token.length >= 2 * tag.length && token.endsWith(tag)
    }
    default:
      return true
  }
}

/** Whether each comment in a comment is closed. */
function isBalanced(comment: string): boolean {
  const marks = comment.match(/\/\*|\*\//g) ?? []
  return marks.filter((mark) => mark === '/*').length * 2 === marks.length
}
