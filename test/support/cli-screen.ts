import xterm from '@xterm/headless'

/** What a terminal shows. */
export interface Screen {
  /** Its lines, without those that are empty. */
  readonly lines: readonly string[]
  /** The same with what went on in the next line put together again. */
  readonly text: string
  readonly cursorShown: boolean
}

/** What a terminal of so many columns shows of what was written to it: a real one, without a window. */
export async function screenOf(columns: number, written: string): Promise<Screen> {
  const terminal = new xterm.Terminal({ cols: columns, rows: 24, scrollback: 1000, allowProposedApi: true })
  await new Promise<void>((resolve) => terminal.write(written, resolve))
  const { active } = terminal.buffer
  const lines: string[] = []
  let text = ''
  for (let row = 0; row < active.length; row++) {
    const line = active.getLine(row)
    if (!line) continue
    const shown = line.translateToString(true)
    if (shown !== '') lines.push(shown)
    text += line.isWrapped ? shown : `\n${shown}`
  }
  terminal.dispose()
  const cursorShown = written.lastIndexOf('\x1b[?25h') >= written.lastIndexOf('\x1b[?25l')
  return { lines, text: text.trim(), cursorShown }
}

/** Every line of progress that was drawn: text between two movements of the cursor. */
export function progressOf(written: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are spoken to in these
  const pieces = written.split(/\x1b\[[?0-9;]*[A-Za-z]|[\r\n]/)
  return pieces.filter((piece) => /^([█░]+ {2})?(start|plan|copy|merge|aggregate|stopping)\b/.test(piece))
}
