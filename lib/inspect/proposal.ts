import type { LoadOptions } from '../contract/options.js'
import type { BetterOptions } from '../csv/detect.js'
import type { DialectReport, Findings, Proposal } from './inspection.js'

/** How often flags are added, one after the other. */
const MOST_STEPS = 3

/**
 * Reads the sources again under the options that the last reading suggests, as long as the result improves.
 * @param read reads the sources under other options
 */
export async function propose(
  first: Findings,
  given: LoadOptions,
  read: (options: LoadOptions) => Promise<Findings>,
): Promise<Proposal> {
  let added: BetterOptions = {}
  let best = first
  for (let step = 0; step < MOST_STEPS && best.repeatable; step += 1) {
    if (Object.keys(best.better).length === 0) break
    const tried: BetterOptions = { ...added, ...best.better }
    const found = await read({ ...given, ...tried }).catch(() => undefined)
    if (!found || !isBetter(found, best)) break
    added = tried
    best = found
  }
  // If detection was not sure, the proposal names the dialect, so that it does not depend on other options.
  const pinned = best.doubts.length > 0 ? pinnedDialect(best, given) : {}
  const { key, keyCandidates, columns, records, rejected } = best
  return { options: { ...pinned, ...added }, key, keyCandidates, columns, records, rejected }
}

function isBetter(found: Findings, before: Findings): boolean {
  const good = ({ records, rejected }: Findings): number => records - rejected
  return (
    good(found) > 0 &&
    (good(found) > good(before) || found.columns.length > before.columns.length || hasFewerDoubts())
  )

  function hasFewerDoubts(): boolean {
    return good(found) === good(before) && found.doubts.length < before.doubts.length
  }
}

function pinnedDialect({ dialect }: Findings, given: LoadOptions): BetterOptions {
  const [first] = [dialect].flat() as [DialectReport]
  const { delimiter, quote, escape: mark } = first
  // As they are written on a command line.
  const named: Record<string, string> = { '\t': 'tab', ' ': 'space' }
  return {
    ...(given.delimiter === undefined && delimiter !== ',' && { delimiter: named[delimiter] ?? delimiter }),
    ...(given.quote === undefined && quote !== '"' && { quote: quote ?? 'none' }),
    ...(given.escape === undefined && quote !== null && mark !== quote && { escape: mark as string }),
  }
}
