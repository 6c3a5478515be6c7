import type { Statement } from '../contract/sql-file.js'

/**
 * Splits SQL text into statements as psql does: at semicolons outside strings, comments, quoted identifiers, parentheses and
 * function bodies. Invalid SQL is no error here: PostgreSQL reports it.
 */

/** The kinds of tokens. A token without its end reaches to the end of the text. */
const TOKENS = {
  blank: String.raw`\s+|--[^\n\r]*`,
  comment: String.raw`\/\*`,
  escaped: String.raw`[eE]'[^'\\]*(?:(?:\\[^]|'')[^'\\]*)*(?:'|$|\\$)`,
  text: `'[^']*(?:'|$)`,
  name: `"[^"]*(?:"|$)`,
  dollar: String.raw`\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$`,
  word: String.raw`[\p{L}_][\p{L}\p{N}_$]*`,
  // A number includes the letters after it, so that none of them begins a string.
  other: String.raw`[\p{N}.][\p{L}\p{N}_.]*|\$\p{N}+|[^]`,
}

const TOKEN = new RegExp(
  Object.entries(TOKENS)
    .map(([kind, pattern]) => `(?<${kind}>${pattern})`)
    .join('|'),
  'uy',
)

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

function tokenAt(text: string, at: number): { kind: string; next: number } {
  TOKEN.lastIndex = at
  const groups = TOKEN.exec(text)?.groups ?? {}
  const kind = Object.keys(TOKENS).find((each) => groups[each] !== undefined) ?? 'other'
  const next = TOKEN.lastIndex > at ? TOKEN.lastIndex : at + 1
  if (kind === 'comment') return { kind, next: endOfComment(text, next) }
  if (kind !== 'dollar') return { kind, next }
  const closing = text.indexOf(groups.dollar as string, next)
  return { kind, next: closing < 0 ? text.length : closing + next - at }
}

/** Comments may be nested. */
function endOfComment(text: string, from: number): number {
  const marks = /\/\*|\*\//g
  marks.lastIndex = from
  for (let depth = 1; ; ) {
    const mark = marks.exec(text)
    if (!mark) return text.length
    depth += mark[0] === '/*' ? 1 : -1
    if (depth === 0) return marks.lastIndex
  }
}
