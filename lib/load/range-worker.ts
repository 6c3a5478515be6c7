import type { Connection } from '../db/client.js'
import type { Session } from '../db/session.js'
import type { LoadPlan } from '../ranges/load-plan.js'
import type { Range } from '../ranges/range.js'
import type { Loaded } from './protocol.js'

export interface LoadedRange {
  readonly loaded: Loaded
  /** The block of the range, if it had one, to be used again. */
  readonly block: Uint8Array | undefined
}

/** Stages one range at a time. */
export interface RangeWorker {
  /** Called when the main session is connected. A failure is reported by `begin`. */
  connect(connection: Connection, main: Session): void
  /** @throws what prevents it from working, such as a failed connection */
  begin(plan: LoadPlan): Promise<void>
  load(range: Range): Promise<LoadedRange>
  /** Ends it when it has loaded its ranges. */
  end(): Promise<void>
  /** Ends it at once; what it has not committed is rolled back. */
  terminate(): Promise<void>
}
