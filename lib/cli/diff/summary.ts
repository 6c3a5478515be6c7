import type { Colors } from '../colors.js'
import { count } from '../printable.js'

/** The counts of a set; undefined if not known. */
export interface Summary {
  readonly inserted: number
  readonly updated: number
  readonly deleted: number
  readonly unchanged?: number | undefined
}

/** `+ 12 new  ~ 340 changed  - 5 deleted  = 466,336 same`; counts that are zero are left out. */
export function renderSummary(
  { inserted, updated, deleted, unchanged = 0 }: Summary,
  colors: Colors,
): string {
  const parts = [
    { value: inserted, text: `+ ${count(inserted)} new`, color: colors.green },
    { value: updated, text: `~ ${count(updated)} changed`, color: colors.yellow },
    { value: deleted, text: `- ${count(deleted)} deleted`, color: colors.red },
    { value: unchanged, text: `= ${count(unchanged)} same`, color: colors.dim },
  ]
  const shown = parts.filter(({ value }) => value > 0)
  return shown.length === 0
    ? 'nothing changes\n'
    : `${shown.map(({ text, color }) => color(text)).join('  ')}\n`
}
