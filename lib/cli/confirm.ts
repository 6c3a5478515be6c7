import { createInterface } from 'node:readline/promises'
import { DasyError } from '../errors.js'

/** Asks a question that takes yes or no, on the terminal. Anything but yes is no. */
export async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim())
  } finally {
    terminal.close()
  }
}

export function notConfirmed(): DasyError {
  return new DasyError('NOT_CONFIRMED', 'nothing was removed', { hint: 'Answer yes, or use --yes.' })
}
