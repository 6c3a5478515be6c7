import { onStatement } from '../db/trace.js'
import { printable } from './printable.js'

/** For --verbose: prints each statement with its duration on a line of standard error. */
export function printStatements(): void {
  onStatement(({ text, milliseconds, ok }) => {
    process.stderr.write(
      `dasy: ${milliseconds.toFixed(1)} ms  ${printable(onOneLine(text))}${ok ? '' : '  (failed)'}\n`,
    )
  })
}

/** A string constant of SQL: E'…' or '…'. */
const CONSTANT = /\bE'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'/gs

/** The statement on one line, without comments, and without the values that are part of its text. */
function onOneLine(text: string): string {
  return text
    .replace(/(^|\s)--\s.*$/gm, '')
    .replace(CONSTANT, "'…'")
    .replace(/\s+/g, ' ')
    .trim()
}
