import { nearest } from '../base/did-you-mean.js'
import { DasyError } from '../base/errors.js'
import { fold, isPosition } from '../base/fold.js'

/** Finds columns by name. */

/**
 * The candidate with this name, or else the only one whose folded name is the same.
 * @param what has this name, as the error calls it: `the column "Name" of products.csv`
 * @throws DasyError COLUMN_AMBIGUOUS
 */
export function match<Candidate>(
  name: string,
  candidates: readonly Candidate[],
  nameOf: (candidate: Candidate) => string,
  what: string,
): Candidate | undefined {
  const exact = candidates.find((candidate) => nameOf(candidate) === name)
  if (exact !== undefined) return exact
  const similar = candidates.filter((candidate) => fold(nameOf(candidate)) === fold(name))
  if (similar.length <= 1) return similar[0]
  throw new DasyError(
    'COLUMN_AMBIGUOUS',
    `${what} matches ${similar.map((each) => `"${nameOf(each)}"`).join(' and ')}`,
    { hint: 'Write the name exactly as the column has it.', details: { column: name } },
  )
}

/**
 * The candidate that a flag names, which must exist. A number that is not a name is the number of a column, from 1.
 * @param flag as the user wrote it: `--map`
 * @param where the candidates are, as the error calls it: `products.csv`
 * @throws DasyError COLUMN_NOT_FOUND, which suggests the nearest name, COLUMN_AMBIGUOUS
 */
export function requireMatch(
  flag: string,
  name: string,
  candidates: readonly string[],
  where: string,
): string {
  const found = match(name, candidates, (each) => each, `${flag} "${name}"`)
  const numbered = isPosition(name) ? candidates[Number(name) - 1] : undefined
  if (found !== undefined || numbered !== undefined) return (found ?? numbered) as string
  const near = nearest(name, candidates)
  throw new DasyError(
    'COLUMN_NOT_FOUND',
    `${flag} "${name}": ${where} has no such column${near ? `; the nearest is "${near}"` : ''}`,
    { hint: `It has ${candidates.join(', ')}.`, details: { option: flag, column: name, nearest: near } },
  )
}
