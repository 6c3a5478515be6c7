/**
 * Whether a path matches a pattern: * and ? within a name, ** for any folders, [a-z], [!a], {a,b}. As in tinyglobby, a name
 * that begins with a dot only matches a pattern with that dot, and \ quotes the next character.
 */
export function fits(path: string, pattern: string): boolean {
  return alternatives(pattern).some((each) => expressionOf(each)?.test(path))
}

/** @returns undefined for a pattern that nothing matches: [z-a] */
function expressionOf(pattern: string): RegExp | undefined {
  try {
    return new RegExp(`^${translate(pattern)}$`, 'u')
  } catch {
    return undefined
  }
}

/** {a,b} multiplies the text around it. */
function alternatives(pattern: string): string[] {
  const found = firstBraces(pattern)
  if (!found) return [pattern]
  const { start, end, choices } = found
  const [before, after] = [pattern.slice(0, start), pattern.slice(end + 1)]
  return choices.flatMap((choice) => alternatives(`${before}${choice}${after}`))
}

/** The first closed braces with a comma at their own level. */
function firstBraces(pattern: string): { start: number; end: number; choices: string[] } | undefined {
  const opened: number[] = []
  const commas: number[][] = []
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++
    else if (pattern[at] === '{') {
      opened.push(at)
      commas.push([])
    } else if (pattern[at] === ',') commas.at(-1)?.push(at)
    else if (pattern[at] === '}' && opened.length > 0) {
      const start = opened.pop() as number
      const cuts = commas.pop() as number[]
      if (cuts.length === 0) continue
      const from = [start, ...cuts]
      const to = [...cuts, at]
      return { start, end: at, choices: from.map((cut, index) => pattern.slice(cut + 1, to[index])) }
    }
  }
  return undefined
}

/** A leading dot must be matched explicitly. */
const NO_DOT = String.raw`(?!\.)`

function translate(pattern: string): string {
  let expression = ''
  for (let at = 0; at < pattern.length; ) {
    const begins = at === 0 || pattern[at - 1] === '/'
    const rest = pattern.slice(at)
    const [piece, meaning] = nextPiece(rest, begins)
    expression += meaning
    at += piece.length
  }
  return expression
}

/** The next part of a pattern, and its regular expression. */
function nextPiece(rest: string, begins: boolean): [string, string] {
  const dotless = begins ? NO_DOT : ''
  const [folders] = (begins && /^\*\*\//.exec(rest)) || []
  if (folders) return [folders, `(?:${NO_DOT}[^/]+/)*`]
  if (begins && rest === '**') return [rest, `(?:${NO_DOT}[^/]+/)*${NO_DOT}[^/]+`]
  const [stars] = /^\*+/.exec(rest) ?? []
  if (stars) return [stars, begins && /^\*+(\/|$)/.test(rest) ? `${dotless}[^/]+` : `${dotless}[^/]*`]
  if (rest[0] === '?') return ['?', `${dotless}[^/]`]
  const [set, not, members] = /^\[([!^]?)([^\]/]+)\]/.exec(rest) ?? []
  if (set !== undefined) {
    const allowed = (members as string).replace(/[\\[&~|]/g, '\\$&')
    return [set, `${dotless}(?!/)[${not ? '^' : ''}${allowed}]`]
  }
  const [escaped] = /^\\./su.exec(rest) ?? []
  const character = escaped ?? String.fromCodePoint(rest.codePointAt(0) as number)
  return [character, literally(escaped ? escaped.slice(1) : character)]
}

function literally(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
