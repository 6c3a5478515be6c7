import type { Session } from '../db/session.js'
import { exposed } from './exposition.js'
import { type Figures, readFigures } from './figures.js'
import { ProcessMetrics } from './process-metrics.js'
import { TableSizes } from './table-sizes.js'

/** Of Prometheus' text format. */
export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** Lends a session. */
export type UseSession = <Result>(work: (session: Session) => Promise<Result>) => Promise<Result>

/** The metrics of a process: what the database knows, and what is of the process alone. */
export class Metrics {
  readonly #use: UseSession
  readonly #process: ProcessMetrics
  readonly #sizes = new TableSizes()
  /** Whoever asks at the same time gets the same. */
  #reading: Promise<Figures | undefined> | undefined

  constructor(use: UseSession, { isLasting = true } = {}) {
    this.#use = use
    this.#process = new ProcessMetrics(isLasting)
  }

  requested(...request: Parameters<ProcessMetrics['requested']>): void {
    this.#process.requested(...request)
  }

  ran(...run: Parameters<ProcessMetrics['ran']>): void {
    this.#process.ran(...run)
  }

  /** @returns Prometheus' text format; without the database's part if it cannot be reached */
  async text(): Promise<string> {
    this.#reading ??= this.read()
      .catch(() => undefined)
      .finally(() => {
        this.#reading = undefined
      })
    return await this.textOf(await this.#reading)
  }

  /** @throws DasyError if the database cannot be reached */
  async read(): Promise<Figures> {
    return await this.#use((session) => readFigures(session, this.#sizes))
  }

  /** @returns Prometheus' text format of these figures, and of what is of the process */
  async textOf(figures: Figures | undefined): Promise<string> {
    return `${await exposed(figures)}\n${await this.#process.text()}`
  }
}
