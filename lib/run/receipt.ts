import type { Receipt } from '../contract/receipt.js'
import { displayName } from '../contract/table-name.js'
import type { Published } from '../merge/publication.js'
import { typedName } from '../source/standard-input.js'
import type { LoadTask } from './load.js'

/** What the receipt of a complete run contains besides its task and what was published. */
type Measured = Pick<Receipt, 'run' | 'bytes' | 'workers' | 'seconds' | 'doubts'>

/** The receipt of a run that has just been published; the ledger gives the same later. */
export function newReceipt(
  { command, settings, sources }: LoadTask,
  { rows, aggregates }: Published,
  { run, bytes, workers, seconds, doubts }: Measured,
): Receipt {
  const names = sources.map(typedName)
  return {
    run,
    command,
    status: 'completed',
    source: names.length === 1 ? (names[0] as string) : names,
    table: displayName(settings.table),
    key: settings.mapping.key,
    bytes,
    workers,
    rows,
    aggregates,
    seconds,
    doubts,
  }
}
