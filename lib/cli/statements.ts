import type { TracedStatement } from '../db/trace.js'
import { printable } from './printable.js'

/** For --verbose: prints a statement with its duration on a line of standard error. */
export function printStatement({ text, milliseconds, ok }: TracedStatement): void {
  process.stderr.write(
    `dasy: ${milliseconds.toFixed(1)} ms  ${printable(onOneLine(text))}${ok ? '' : '  (failed)'}\n`,
  )
}

/** A string constant of SQL: E'…' or '…'. */
const CONSTANT = /\bE'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'/gs

/** The statement on one line, without comments, and without the values that are part of its text. */
export function onOneLine(text: string): string {
  return text
    .replace(/(^|\s)--\s.*$/gm, '')
    .replace(CONSTANT, "'…'")
    .replace(/\s+/g, ' ')
    .trim()
}
