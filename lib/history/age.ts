import { badValue, wholeNumber } from '../contract/values.js'
import { readEnvironment } from '../db/environment.js'

const DEFAULT_DAYS = 30
const MOST_DAYS = 100_000
const VARIABLE = 'DASY_HISTORY_DAYS'

/**
 * How many days change sets are kept; 0: none are.
 * @param configured what the configuration says, which the environment overrides
 * @throws DasyError BAD_OPTION
 */
export function historyDays(configured: number | undefined, environment = readEnvironment()): number {
  const text = environment[VARIABLE]
  if (!text) return wholeNumber('historyDays', configured ?? DEFAULT_DAYS, 0, MOST_DAYS)
  if (!/^\d+$/.test(text)) throw badValue(VARIABLE, text, 'must be a whole number')
  return wholeNumber(VARIABLE, Number(text), 0, MOST_DAYS)
}
