import { DasyError } from '../base/errors.js'
import { fold } from '../base/fold.js'
import type { SourcePlan } from './load-plan.js'
import type { Opening } from './opening.js'
import type { PreparedSource } from './prepared-source.js'

/** How the workers are to take a source. */
export function sourcePlan(reading: PreparedSource, first: PreparedSource): SourcePlan {
  const { source, format, opening, surplus } = reading
  return {
    ...format,
    name: source.name,
    location: source.location,
    columns: opening.columns.length,
    surplus,
    staged: stagedColumns(reading, first),
    repeatable: source.repeatable,
  }
}

/**
 * Where in staging the fields of a source go, in their order.
 * @returns numbers from 1
 * @throws DasyError COLUMNS_DIFFER
 */
export function stagedColumns({ source, opening }: PreparedSource, first: PreparedSource): number[] {
  const { columns } = first.opening
  const places = opening.columns.map((name) => placeOf(name, columns))
  const isWhole = places.length === columns.length && new Set(places).size === columns.length
  if (isWhole && !places.includes(0)) return places
  const stray = opening.columns.find((_, index) => places[index] === 0)
  const missing = columns.find((_, index) => !places.includes(index + 1))
  const what = stray === undefined ? `lacks the column "${missing}"` : `has a column "${stray}"`
  throw new DasyError('COLUMNS_DIFFER', `${source.name} ${what}, unlike ${first.source.name}`, {
    hint: 'Files of one run must have the same columns: load this one by itself.',
    details: { file: source.name, column: stray ?? missing },
  })
}

/** From 1; 0 for a column that is not there. Names that differ by case, spaces and underscores are one, if only one fits. */
function placeOf(name: string, columns: Opening['columns']): number {
  const exact = columns.indexOf(name)
  if (exact >= 0) return exact + 1
  const similar = columns.filter((each) => fold(each) === fold(name))
  return similar.length === 1 ? columns.indexOf(similar[0] as string) + 1 : 0
}
