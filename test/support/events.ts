import type { DasyEvent, Listener } from '../../lib/contract/events.js'

/** What a test wants to hear of a load. */
interface Ears {
  phase?(phase: string, totalBytes?: number): unknown
  /** A range is staged. */
  advanced?(bytes: number, records: number): unknown
  /** An earlier attempt staged it. */
  resumed?(bytes: number, records: number): unknown
}

export function hearing({ phase, advanced, resumed }: Ears): Listener {
  return (event: DasyEvent) => {
    if (event.type === 'phase') phase?.(event.phase, event.totalBytes)
    if (event.type === 'progress') advanced?.(event.bytes, event.records)
    if (event.type === 'resumed') resumed?.(event.bytes, event.records)
  }
}

/** Collects the lines that the user should read. */
export function into(notes: string[]): Listener {
  return (event: DasyEvent) => {
    if (event.type === 'note') notes.push(event.text)
    if (event.type === 'doubt') notes.push(`${event.source}: ${event.text}`)
  }
}
