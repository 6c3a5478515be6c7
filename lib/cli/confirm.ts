import { DasyError } from '../base/errors.js'
import { interrupted } from '../run/cancellation.js'
import { type Arguments, usageError } from './command.js'

/**
 * Asks for confirmation before something is removed, unless --yes is given. Every answer but yes is no, and so is the
 * end of input.
 * @param command the command that asks, as the user calls it
 * @throws DasyError USAGE without a terminal, NOT_CONFIRMED, INTERRUPTED
 */
export async function confirm(command: string, question: string, { yes }: Arguments): Promise<void> {
  if (yes) return
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw usageError(
      `"${command}" asks for confirmation, but there is no terminal`,
      `To confirm: ${command} --yes`,
    )
  if (await ask(question)) return
  throw new DasyError('NOT_CONFIRMED', 'nothing was removed', { hint: 'Answer yes, or use --yes.' })
}

async function ask(question: string): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  let answer: string | undefined
  try {
    answer = await new Promise<string | undefined>((resolve, reject) => {
      terminal.once('SIGINT', () => reject(interrupted()))
      terminal.once('close', () => resolve(undefined))
      terminal.question(`${question} [y/N] `).then(resolve, reject)
    })
    return /^y(es)?$/i.test(answer?.trim() ?? '')
  } finally {
    // Ctrl-C and Ctrl-D leave the cursor behind the question.
    if (answer === undefined) process.stderr.write('\n')
    terminal.close()
  }
}
