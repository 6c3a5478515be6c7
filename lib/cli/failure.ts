import { DasyError, type ExitStatus, internal } from '../base/errors.js'
import type { UndoConflict } from '../contract/change.js'
import type { RejectSummary } from '../ledger/rejects.js'
import { colorsOf } from './colors.js'
import { printJson } from './json.js'
import { count, printable, printableLines, sourceNames } from './printable.js'

const DEFAULT_COLUMNS = 100

/**
 * Prints an error: as text on standard error, or with --json as an object on standard output.
 * @returns the exit status for this error
 */
export async function report(error: unknown, json: boolean): Promise<ExitStatus> {
  const { code, message, hint, details, exitStatus } = error instanceof DasyError ? error : internal(error)
  if (json) {
    const { run, rows, ...rest } = details
    const facts = { code, message, hint: hint ?? null, run: run ?? null, rows: rows ?? null, details: rest }
    printJson({ error: facts })
  } else {
    const { red } = colorsOf(process.stderr)
    process.stderr.write(`${red('dasy:')} ${printable(message)}\n`)
    for (const line of rejectLines(details)) process.stderr.write(`      ${printable(line)}\n`)
    for (const line of await conflictLines(details)) process.stderr.write(`      ${line}\n`)
    if (hint) process.stderr.write(`      ${printable(hint)}\n`)
    if (code === 'INTERNAL' && details.stack)
      process.stderr.write(`${printableLines(String(details.stack))}\n`)
  }
  return exitStatus
}

/** Of TOO_MANY_REJECTS: the first rejects, one per line. */
function rejectLines({ rejects, rejected }: Record<string, unknown>): string[] {
  if (!Array.isArray(rejects)) return []
  const lines = (rejects as RejectSummary[]).map(
    ({ file, line, byte, reason }) => `${sourceNames(file)}, line ${line} (byte ${byte}): ${reason}`,
  )
  const more = Number(rejected) - lines.length
  return more > 0 ? [...lines, `… and ${count(more)} more`] : lines
}

/** Of UNDO_CONFLICTS: the first conflicts. */
async function conflictLines({ conflicts, conflicting }: Record<string, unknown>): Promise<string[]> {
  if (!Array.isArray(conflicts)) return []
  const { renderConflict } = await import('./diff/conflict.js')
  const columns = (process.stderr.columns || DEFAULT_COLUMNS) - 6
  const look = { columns, colors: colorsOf(process.stderr) }
  const lines = (conflicts as UndoConflict[]).flatMap((conflict) => renderConflict(conflict, look))
  const more = Number(conflicting) - conflicts.length
  if (more === 0) return lines
  // Of a first load some cannot be named.
  return [
    ...lines,
    `${conflicts.length > 0 ? '… and ' : ''}${count(more)} ${conflicts.length > 0 ? 'more' : 'rows'}`,
  ]
}
