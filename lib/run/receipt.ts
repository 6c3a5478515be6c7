import type { Receipt, RunStatus } from '../contract/receipt.js'
import { displayName } from '../contract/table-name.js'
import type { Published } from '../merge/publication.js'
import { typedName } from '../source/standard-input.js'
import { commandOf, type LoadTask } from './load.js'

/** What the receipt of a complete run contains besides its task and what was published. */
type Measured = Pick<Receipt, 'run' | 'bytes' | 'workers' | 'seconds' | 'doubts'>

/** The receipt of a run that has just been published or planned; the ledger gives the same later. */
export function newReceipt(
  task: LoadTask,
  { rows, aggregates }: Published,
  { run, bytes, workers, seconds, doubts }: Measured,
  status: RunStatus = 'completed',
): Receipt {
  const { settings, sources } = task
  const names = sources.map(typedName)
  return {
    run,
    command: commandOf(task),
    status,
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
