import { onStatement } from '../db/trace.js'
import { printable } from './printable.js'

/** For --verbose: each statement on a line of standard error, with its duration. */
export function printStatements(): void {
  onStatement(({ text, milliseconds, ok }) => {
    process.stderr.write(
      `dasy: ${milliseconds.toFixed(1)} ms  ${printable(onOneLine(text))}${ok ? '' : '  (failed)'}\n`,
    )
  })
}

/** Without the comments that say in our SQL files what it is for. */
function onOneLine(text: string): string {
  return text
    .replace(/(^|\s)--\s.*$/gm, '')
    .replace(/\s+/g, ' ')
    .trim()
}
