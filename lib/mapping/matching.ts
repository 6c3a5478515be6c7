import { nearest } from '../base/did-you-mean.js'
import { DasyError } from '../base/errors.js'
import { fold, isPosition } from '../base/fold.js'

/** How names that people write are matched with names that stand somewhere. */

/**
 * The candidate of this name, exactly or else folded.
 * @param what is looked for, as the error calls it: `the column "Name" of products.csv`
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
    `${what} fits ${similar.map((each) => `"${nameOf(each)}"`).join(' and ')}`,
    { hint: 'Name it exactly as the column that is meant.', details: { column: name } },
  )
}

/**
 * The same for what a flag names: it must be there. A number that is no name is the place of a column, from 1.
 * @param flag as the user wrote it: `--map`
 * @param where names are looked for: `products.csv`
 * @throws DasyError COLUMN_NOT_FOUND that names the nearest, COLUMN_AMBIGUOUS
 */
export function requireMatch(
  flag: string,
  name: string,
  candidates: readonly string[],
  where: string,
): string {
  const found = match(name, candidates, (each) => each, `${flag} "${name}"`)
  const placed = isPosition(name) ? candidates[Number(name) - 1] : undefined
  if (found !== undefined || placed !== undefined) return (found ?? placed) as string
  const near = nearest(name, candidates)
  throw new DasyError(
    'COLUMN_NOT_FOUND',
    `${flag} "${name}": ${where} has no such column${near ? `; the nearest is "${near}"` : ''}`,
    { hint: `It has ${candidates.join(', ')}.`, details: { option: flag, column: name, nearest: near } },
  )
}
