/** The tokens of SQL text, as far as it takes to know what is quoted, what is a comment and what stands alone. */

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

/** The token that begins there. @param at not behind the end */
export function tokenAt(text: string, at: number): { kind: string; next: number } {
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
