/** Breaks a text between words into lines of at most `width` characters; a longer word gets a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/** Two columns: terms and their meanings. A long term gets a line of its own. */
export function definitions(terms: readonly (readonly [string, string])[], width: number): string[] {
  const longest = Math.max(...terms.map(([term]) => term.length))
  const column = Math.min(longest, Math.floor(width / 2.4)) + 4
  return terms.flatMap(([term, meaning]) => {
    const lines = wrap(meaning, Math.max(20, width - column))
    const isLong = term.length + 4 > column
    const [first, rest] = isLong
      ? [`  ${term}`, lines]
      : [`  ${term}`.padEnd(column) + (lines[0] ?? ''), lines.slice(1)]
    return [first.trimEnd(), ...rest.map((line) => ' '.repeat(column) + line)]
  })
}
