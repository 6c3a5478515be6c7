import { DasyError } from '../base/errors.js'
import type { Phase, PlanReceipt, Receipt } from './receipt.js'

/** What a progress display names: a phase of a load, or the inspection of sources. */
export type Activity = Phase | 'inspect'

/** One event of a running command. */
export type DasyEvent =
  /** A phase begins. The bytes are those of all sources, undefined where the size of one is unknown. */
  | { readonly type: 'phase'; readonly phase: Activity; readonly totalBytes?: number | undefined }
  /** A range is staged, or inspected. */
  | { readonly type: 'progress'; readonly bytes: number; readonly records: number }
  /** An earlier attempt has staged this much: it counts as done, but not for the speed. */
  | { readonly type: 'resumed'; readonly bytes: number; readonly records: number }
  /** A step of the merge begins. */
  | { readonly type: 'step'; readonly step: string }
  /** How long merge and aggregates will take, by the times of earlier runs. */
  | { readonly type: 'expected'; readonly seconds: number }
  /** A line that the user should read. */
  | { readonly type: 'note'; readonly text: string }
  /** What the detection of a source's dialect was not sure of. */
  | { readonly type: 'doubt'; readonly source: string; readonly text: string }
  /** A load is planned: what people want to see; also if it is refused then, with the status rejected. */
  | ({ readonly type: 'planned' } & PlanDetails)
  /** The run is complete, or planned. */
  | { readonly type: 'receipt'; readonly receipt: Receipt }

/** What a plan found. */
export interface PlanDetails {
  readonly receipt: PlanReceipt

  /** Whether the run would make the table, or columns of it. */
  readonly makes: boolean
  /** The groups of each aggregate that would move most. */
  readonly movements: readonly AggregateMovements[]
  /** The first records that are rejected. */
  readonly rejects: readonly PlannedReject[]
}

export interface AggregateMovements {
  /** The name of the aggregate. */
  readonly table: string
  readonly groups: readonly Movement[]
}

/** How the count of a group moves. */
export interface Movement {
  readonly value: string | null
  readonly before: number
  readonly after: number
}

export interface PlannedReject {
  readonly file: string
  readonly line: number
  readonly byte: number
  readonly reason: string
}

/** Called for each event, often: it must be fast. An error that it throws ends the command with LISTENER_FAILED. */
export type Listener = (event: DasyEvent) => void

/** What observers are told besides the events of a command. */
export type RunNews =
  /** This process works at a run from now on; told at each attempt. */
  | ({ readonly type: 'run' } & RunFacts)
  /** Everybody sees what the run did; what it needed for that is not removed yet. */
  | { readonly type: 'published' }
  /** The run, or what would have become one, has failed for good in this process. */
  | { readonly type: 'failed'; readonly error: unknown }

export interface RunFacts {
  readonly run: number
  readonly command: string
  readonly table: string
  /** Null if it has none: undo and purge. */
  readonly source: string | readonly string[] | null
}

/** A run that a worker has taken from the queue. */
export interface TakenFromQueue {
  readonly run: number
  readonly table: string
  /** The request of a client of the service that put it there. */
  readonly request: string | null
  /** Seconds since it could have been begun. */
  readonly waited: number
}

/** Metrics, logs and traces: they see what all commands of this process do. */
export interface Observer {
  /** Called for each command. @returns what gets its events */
  readonly follow?: () => (event: DasyEvent | RunNews) => void
  readonly taken?: (taken: TakenFromQueue) => void
}

const observers: Observer[] = []

export function addObserver(observer: Observer): void {
  observers.push(observer)
}

export function tellTaken(taken: TakenFromQueue): void {
  for (const observer of observers) observer.taken?.(taken)
}

/** Takes one line that the user should read. */
export type Note = (text: string) => void

/** The stream of events of one command: everything that shows, measures or counts its progress subscribes to it. */
export class Events {
  readonly #listeners: Listener[]
  readonly #observers: ((event: DasyEvent | RunNews) => void)[]
  readonly #noted = new Set<string>()
  /** Whether the caller listens. If not, information that only a caller would use need not be queried. */
  readonly hasListener: boolean

  /** @param listener the caller's */
  constructor(listener?: Listener | undefined) {
    this.#listeners = listener ? [(event) => tellCaller(listener, event)] : []
    this.#observers = observers.flatMap(({ follow }) => (follow ? [follow()] : []))
    this.hasListener = listener !== undefined
  }

  subscribe(listener: Listener): void {
    this.#listeners.push(listener)
  }

  emit(event: DasyEvent): void {
    for (const listener of this.#listeners) listener(event)
    this.tellObservers(event)
  }

  tellObservers(event: DasyEvent | RunNews): void {
    for (const observer of this.#observers) observer(event)
  }

  phase(phase: Activity, totalBytes?: number): void {
    this.emit({ type: 'phase', phase, totalBytes })
  }

  step(step: string): void {
    this.emit({ type: 'step', step })
  }

  readonly note: Note = (text) => this.emit({ type: 'note', text })

  /** For what each attempt finds again. */
  readonly noteOnce: Note = (text) => {
    if (this.#noted.has(text)) return
    this.#noted.add(text)
    this.note(text)
  }
}

/** @throws DasyError LISTENER_FAILED: an error of the caller's code must not look like a fault in dasy */
function tellCaller(listener: Listener, event: DasyEvent): void {
  try {
    listener(event)
  } catch (cause) {
    const { type } = event
    const message = `onEvent failed on an event "${type}": ${(cause as Error | undefined)?.message ?? cause}`
    const run = type === 'receipt' ? event.receipt.run : undefined
    throw new DasyError('LISTENER_FAILED', message, {
      hint: run === undefined ? 'Correct the function onEvent.' : `Run ${run} is complete; correct onEvent.`,
      details: run === undefined ? { event: type } : { event: type, run },
      cause,
    })
  }
}
