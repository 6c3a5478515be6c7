import { DasyError, EXIT, type ExitStatus } from '../errors.js'
import { printable } from './printable.js'

/** Tells the user what went wrong, for people on standard error or for programs on standard output. */
export function report(error: unknown, json: boolean): ExitStatus {
  const { code, message, hint, details, exitStatus } = error instanceof DasyError ? error : internal(error)
  if (json) {
    const { run, rows, ...rest } = details
    const facts = { code, message, hint: hint ?? null, run: run ?? null, rows: rows ?? null, details: rest }
    process.stdout.write(`${JSON.stringify({ error: facts })}\n`)
  } else {
    process.stderr.write(`dasy: ${printable(message)}\n`)
    if (hint) process.stderr.write(`      ${printable(hint)}\n`)
    if (code === 'INTERNAL' && details.stack) process.stderr.write(`${details.stack}\n`)
  }
  return exitStatus
}

function internal(error: unknown): DasyError {
  const { message = String(error), stack } = (error ?? {}) as Error
  return new DasyError('INTERNAL', message, {
    hint: 'This is a fault in dasy: please report it.',
    exitStatus: EXIT.failed,
    details: { stack },
  })
}
