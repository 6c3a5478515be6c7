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

/** A string constant of SQL: E'…' or '…'. */
const CONSTANT = /\bE'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'/gs

/** Without the comments of our SQL files, and without values, some of which must stand in the text. */
function onOneLine(text: string): string {
  return text
    .replace(/(^|\s)--\s.*$/gm, '')
    .replace(CONSTANT, "'…'")
    .replace(/\s+/g, ' ')
    .trim()
}
