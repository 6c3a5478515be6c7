/**
 * What a terminal of so many columns shows of what was written to it: as much of a terminal as progress bars need.
 */
export class Screen {
  /** A character was written beyond the last column, so that the line went on in the next. */
  wrapped: string[] = []
  cursorShown = true
  readonly #columns: number
  readonly #rows: string[][] = [[]]
  #row = 0
  #column = 0

  constructor(columns: number, written: string) {
    this.#columns = columns
    // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are spoken to in these
    for (const [token] of written.matchAll(/\x1b\[[?0-9;]*[A-Za-z]|\x1b.|./gsu)) this.#take(token)
  }

  /** Its lines, without those that are empty. */
  get lines(): string[] {
    return this.#rows
      .map((row) =>
        Array.from(row, (cell) => cell ?? ' ')
          .join('')
          .trimEnd(),
      )
      .filter(Boolean)
  }

  #take(token: string): void {
    if (token.startsWith('\x1b')) this.#obey(token)
    else if (token === '\r') this.#column = 0
    else if (token === '\n') this.#moveTo(this.#row + 1)
    else if (token === '\b') this.#column = Math.max(0, this.#column - 1)
    else if (token >= ' ') this.#print(token)
  }

  #print(character: string): void {
    if (this.#column >= this.#columns) {
      this.wrapped.push((this.#rows[this.#row] ?? []).join(''))
      this.#moveTo(this.#row + 1)
      this.#column = 0
    }
    const row = this.#rows[this.#row] as string[]
    row[this.#column++] = character
  }

  #obey(sequence: string): void {
    const number = Number(/\d+/.exec(sequence)?.[0] ?? 0)
    const row = this.#rows[this.#row] as string[]
    const last = sequence.at(-1)
    if (sequence === '\x1b[?25l') this.cursorShown = false
    else if (sequence === '\x1b[?25h') this.cursorShown = true
    else if (last === 'K' && number === 0) row.length = Math.min(row.length, this.#column)
    else if (last === 'K' && number === 2) row.length = 0
    else if (last === 'J') this.#clearBelow(row)
    else if (last === 'G') this.#column = Math.max(0, number - 1)
    else if (last === 'A') this.#moveTo(Math.max(0, this.#row - (number || 1)))
    else if (last === 'B') this.#moveTo(this.#row + (number || 1))
  }

  #clearBelow(row: string[]): void {
    row.length = Math.min(row.length, this.#column)
    this.#rows.length = this.#row + 1
  }

  #moveTo(row: number): void {
    while (this.#rows.length <= row) this.#rows.push([])
    this.#row = row
  }
}
