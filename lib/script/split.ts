import type { Statement } from '../contract/sql-file.js'
import { tokenAt } from '../contract/sql-tokens.js'

/**
 * Splits SQL text into statements as psql does: at semicolons outside strings, comments, quoted identifiers, parentheses and
 * function bodies. Invalid SQL is no error here: PostgreSQL reports it.
 */

/** How many first words identify a statement: CREATE OR REPLACE FUNCTION. */
const FIRST_WORDS = 4

export function splitStatements(text: string): Statement[] {
  const statements: Statement[] = []
  const body = new Body()
  let words: string[] = []
  let start: { at: number; line: number } | undefined
  let line = 1
  let depth = 0
  const end = (at: number): void => {
    if (start) statements.push({ text: text.slice(start.at, at), line: start.line, words })
    words = []
    start = undefined
    depth = 0
    body.reset()
  }
  for (let at = 0; at < text.length; ) {
    const { kind, next } = tokenAt(text, at)
    const token = text.slice(at, next)
    if (token === ';' && depth <= 0 && !body.isOpen) end(at)
    else if (kind !== 'blank' && kind !== 'comment') {
      start ??= { at, line }
      if (token === '(') depth++
      if (token === ')') depth--
      if (kind === 'word') {
        if (words.length < FIRST_WORDS) words.push(token.toUpperCase())
        body.read(token.toUpperCase(), words)
      }
    }
    line += token.split('\n').length - 1
    at = next
  }
  end(text.length)
  return statements
}

/** Follows the body of a function that is SQL, not a string: BEGIN ATOMIC … END contains semicolons. */
class Body {
  #depth = 0
  #last = ''

  get isOpen(): boolean {
    return this.#depth > 0
  }

  read(word: string, words: readonly string[]): void {
    const isRoutine =
      words[0] === 'CREATE' && words.some((each) => each === 'FUNCTION' || each === 'PROCEDURE')
    if (isRoutine && word === 'ATOMIC' && this.#last === 'BEGIN') this.#depth++
    else if (this.isOpen && word === 'CASE') this.#depth++
    else if (this.isOpen && word === 'END') this.#depth--
    this.#last = word
  }

  reset(): void {
    this.#depth = 0
    this.#last = ''
  }
}
