import { EXIT, type ExitStatus } from '../../base/errors.js'
import type { Command } from '../command.js'
import { printable } from '../printable.js'
import { type Candidate, candidatesFor } from './candidates.js'
import { valuesOf } from './values.js'

/** Answers a script of `dasy completion`: SHELL -- WORDS…, the last of them being typed. Never fails aloud. */
export async function complete(
  [shell = '', , ...words]: readonly string[],
  commands: readonly Command[],
): Promise<ExitStatus> {
  try {
    const offer = candidatesFor(shell === 'bash' ? rejoined(words) : words, commands)
    const values = offer.values ? await valuesOf(offer.values, offer.argv) : []
    const all = [...offer.candidates, ...values].filter(({ word }) => word.startsWith(offer.typed))
    // bash replaces what is behind the "=" only, the others the whole word.
    const prefix = shell === 'bash' ? '' : offer.prefix
    const lines = all.map((each) => lineOf(prefix, each))
    if (offer.values === 'file') lines.push(':files')
    process.stdout.write(lines.map((line) => `${line}\n`).join(''))
  } catch {
    // There is no place to say so: nothing is offered.
  }
  return EXIT.done
}

function lineOf(prefix: string, { word, meaning }: Candidate): string {
  return `${prefix}${printable(word)}${meaning ? `\t${printable(meaning)}` : ''}`
}

/** bash splits words at "=": --table = pro. */
function rejoined(words: readonly string[]): string[] {
  const joined: string[] = []
  for (const [index, word] of words.entries()) {
    const before = joined.at(-1)
    const isBehind = words[index - 1] === '=' && before?.endsWith('=')
    if (before?.startsWith('--') && (word === '=' || isBehind)) joined[joined.length - 1] = `${before}${word}`
    else joined.push(word)
  }
  return joined
}
