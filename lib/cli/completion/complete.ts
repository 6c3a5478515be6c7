import { EXIT, type ExitStatus } from '../../base/errors.js'
import type { Command } from '../command.js'
import { printable } from '../printable.js'
import { type Candidate, candidatesFor } from './candidates.js'
import { valuesOf } from './values.js'

/**
 * Answers a script of `dasy completion`, which asks with SHELL -- WORDS…; the last word is being typed. Errors are
 * silent, because a message would disturb the command line.
 */
export async function complete(
  [shell = '', , ...words]: readonly string[],
  commands: readonly Command[],
): Promise<ExitStatus> {
  try {
    const offer = candidatesFor(shell === 'bash' ? rejoined(words) : words, commands)
    const values = offer.values ? await valuesOf(offer.values, offer.argv) : []
    const all = [...offer.candidates, ...values].filter(({ word }) => word.startsWith(offer.typed))
    // bash replaces only the text after the "=", the other shells replace the whole word.
    const prefix = shell === 'bash' ? '' : offer.prefix
    const lines = all.map((each) => lineOf(prefix, each))
    if (offer.values === 'file') lines.push(':files')
    process.stdout.write(lines.map((line) => `${line}\n`).join(''))
  } catch {
    // No candidates.
  }
  return EXIT.done
}

function lineOf(prefix: string, { word, meaning }: Candidate): string {
  return `${prefix}${printable(word)}${meaning ? `\t${printable(meaning)}` : ''}`
}

/** Joins words that bash splits at "=": --table = pro. */
function rejoined(words: readonly string[]): string[] {
  const joined: string[] = []
  for (const [index, word] of words.entries()) {
    const before = joined.at(-1)
    const isValue = words[index - 1] === '=' && before?.endsWith('=')
    if (before?.startsWith('--') && (word === '=' || isValue)) joined[joined.length - 1] = `${before}${word}`
    else joined.push(word)
  }
  return joined
}
