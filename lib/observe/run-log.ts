import type { Logger } from 'pino'
import { DasyError, EXIT } from '../base/errors.js'
import { addObserver, type DasyEvent, type RunFacts, type RunNews } from '../contract/events.js'

/** What every line of a run says. */
type Named = RunFacts & { readonly request?: string }

/** Logs the runs of this process: a line when one begins, after each phase, and at its end. */
export class RunLog {
  readonly #log: Logger
  /** The requests of clients that put runs into the queue. */
  readonly #requests = new Map<number, string>()

  constructor(log: Logger) {
    this.#log = log
    addObserver({
      follow: () => this.#follow(),
      taken: ({ run, table, request, waited }) => {
        const asked = request === null ? {} : { request }
        if (request !== null) this.#requests.set(run, request)
        log.info({ run, table, ...asked, waited }, 'run taken from the queue')
      },
    })
  }

  #follow(): (event: DasyEvent | RunNews) => void {
    let facts: Named | undefined
    let phase = 'plan'
    let since = performance.now()
    const endPhase = (next: string): void => {
      const now = performance.now()
      if (facts) this.#log.info({ ...facts, phase, seconds: rounded(now - since) }, 'phase done')
      ;[phase, since] = [next, now]
    }
    return (event) => {
      if (event.type === 'run') {
        const { type, ...named } = event
        this.#log.info(
          facts ? named : this.#with(named),
          facts ? 'run goes on after a lost connection' : 'run begun',
        )
        facts = this.#with(named)
      } else if (event.type === 'phase' && event.phase !== phase) {
        endPhase(event.phase)
      } else if (event.type === 'receipt' && facts) {
        endPhase(phase)
        const { status, rows, bytes, seconds } = event.receipt
        this.#requests.delete(facts.run)
        this.#log.info({ ...facts, status, rows, bytes, seconds: seconds.total }, `run ${status}`)
      } else if (event.type === 'failed') {
        if (facts) endPhase(phase)
        this.#requests.delete(facts?.run ?? 0)
        this.#log.error({ ...facts, ...loggable(event.error) }, 'run not completed')
      }
    }
  }

  #with(facts: RunFacts): Named {
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

function rounded(milliseconds: number): number {
  return Math.round(milliseconds) / 1000
}
