import type { UndoConflict } from '../../contract/change.js'
import { printable } from '../printable.js'
import { type Look, renderValues } from './change.js'
import { cutMiddle } from './cut.js'
import { shownValue } from './value.js'

const MARK = '!'

/** What prevents the undo of one change: its key and who did it, then a line for each column that differs. */
export function renderConflict(
  { key, conflict, left, now, run, reason }: UndoConflict,
  look: Look,
): string[] {
  const { columns, colors } = look
  const by = reason ?? (run === null ? 'outside of dasy' : `run ${run}`)
  const what = `${conflict}: ${printable(by)}`
  const room = Math.max(8, columns - what.length - 4)
  const shown = cutMiddle(Object.values(key).map(shownValue).join(', '), room)
  const head = `${colors.yellow(colors.bold(`${MARK} ${shown}`))}  ${colors.dim(what)}`
  if (!left || !now) return [head]
  return [head, ...renderValues({ op: 'update', old: left, new: now }, look)]
}
