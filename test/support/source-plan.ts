import type { SourcePlan } from '../../lib/ranges/load-plan.js'
import { DIALECT } from './memory-source.js'

/** How a worker reads a usual CSV file of two columns, whose ranges bring their text. */
export const PLAN: SourcePlan = {
  name: 'a.csv',
  location: undefined,
  columns: 2,
  staged: [1, 2],
  repeatable: true,
  surplus: 0,
  dialect: DIALECT,
  encoding: 'UTF8',
  nullWord: undefined,
  lenientQuotes: false,
  maxRecord: 1000,
}
