import { DasyError } from '../base/errors.js'
import { fold } from '../base/fold.js'
import type { SourcePlan } from './load-plan.js'
import type { Opening } from './opening.js'
import type { PreparedSource } from './prepared-source.js'

/**
 * How the workers read and stage a source.
 * @param first the first source of the run, whose columns staging has
 */
export function sourcePlan(prepared: PreparedSource, first: PreparedSource): SourcePlan {
  const { source, format, opening, surplus } = prepared
  return {
    ...format,
    name: source.name,
    location: source.location,
    columns: opening.columns.length,
    surplus,
    staged: stagedColumns(prepared, first),
    repeatable: source.repeatable,
  }
}

/**
 * The staging column of each field of a source.
 * @returns numbers from 1
 * @throws DasyError COLUMNS_DIFFER
 */
export function stagedColumns({ source, opening }: PreparedSource, first: PreparedSource): number[] {
  const { columns } = first.opening
  const numbers = opening.columns.map((name) => numberOf(name, columns))
  const isWhole = numbers.length === columns.length && new Set(numbers).size === columns.length
  if (isWhole && !numbers.includes(0)) return numbers
  const unknown = opening.columns.find((_, index) => numbers[index] === 0)
  const missing = columns.find((_, index) => !numbers.includes(index + 1))
  const what = unknown === undefined ? `has no column "${missing}"` : `has a column "${unknown}"`
  throw new DasyError('COLUMNS_DIFFER', `${source.name} ${what}, unlike ${first.source.name}`, {
    hint: 'All sources of one run must have the same columns: load this one in a run of its own.',
    details: { file: source.name, column: unknown ?? missing },
  })
}

/** The number of the column from 1, 0 if there is none. A folded name matches only if it is unambiguous. */
function numberOf(name: string, columns: Opening['columns']): number {
  const exact = columns.indexOf(name)
  if (exact >= 0) return exact + 1
  const similar = columns.filter((each) => fold(each) === fold(name))
  return similar.length === 1 ? columns.indexOf(similar[0] as string) + 1 : 0
}
