import type { Logger } from 'pino'
import { DasyError, EXIT } from '../base/errors.js'
import { addObserver, type DasyEvent, type RunFacts, type RunNews } from '../contract/events.js'
import { type PhaseTime, PhaseTimes } from './phase-times.js'

/** Logs the runs of this process: a line when one begins, one for each phase, and one at its end. */
export class RunLog {
  readonly #log: Logger
  /** Of runs that clients of the service have put into the queue: the request. */
  readonly #requests = new Map<number, string>()

  constructor(log: Logger) {
    this.#log = log
    addObserver({
      follow: () => this.#follow(),
      taken: ({ run, table, request, waited }) => {
        if (request !== null) this.#requests.set(run, request)
        log.info({ ...this.#with({ run, table }), waited: rounded(waited) }, 'run taken from the queue')
      },
    })
  }

  #follow(): (event: DasyEvent | RunNews) => void {
    const times = new PhaseTimes()
    const told = new Set<string>()
    let facts: RunFacts | undefined
    const tell = ({ phase, seconds }: PhaseTime): void => {
      if (facts && !told.has(phase))
        this.#log.info({ ...facts, phase, seconds: rounded(seconds) }, 'phase done')
      told.add(phase)
    }
    const end = (): void => {
      times.end().forEach(tell)
      if (facts) this.#requests.delete(facts.run)
    }
    return (event) => {
      if (event.type === 'run') {
        const { type, ...known } = event
        const message = facts ? 'run goes on after a lost connection' : 'run begun'
        facts = this.#with(known)
        this.#log.info(facts, message)
      } else if (event.type === 'phase' && event.phase !== times.phase) {
        this.#log.debug({ ...facts, phase: event.phase }, 'phase begun')
        const time = times.enter(event.phase)
        // The merge goes on after the aggregates.
        if (time.phase !== 'merge' && time.phase !== 'aggregate') tell(time)
      } else if (event.type === 'receipt' && facts) {
        end()
        const { status, rows, bytes, seconds } = event.receipt
        this.#log.info({ ...facts, status, rows, bytes, seconds: seconds.total }, `run ${status}`)
      } else if (event.type === 'failed') {
        end()
        this.#log.error({ ...facts, ...loggable(event.error) }, 'run not completed')
      }
    }
  }

  #with<Facts extends { readonly run: number }>(facts: Facts): Facts {
    const request = this.#requests.get(facts.run)
    return request === undefined ? facts : { ...facts, request }
  }
}

/**
 * What a log may say of an error. Texts of errors may quote what is in a record, so they stay in the ledger, which "dasy runs" shows; but
 * if the database cannot be reached, there is none.
 */
export function loggable(error: unknown): { readonly code: string; readonly error?: string } {
  if (!(error instanceof DasyError)) return { code: 'INTERNAL' }
  const { code, message, exitStatus } = error
  return exitStatus === EXIT.unreachable ? { code, error: message } : { code }
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000
}
