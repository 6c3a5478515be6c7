import type { DasyEvent, Listener } from '../contract/events.js'

/** Shows the events of a command on standard error. It has to be stopped before anything else is printed. */
export interface ProgressDisplay {
  readonly onEvent?: Listener
  /** The user asked for an end: acknowledged at once, whatever still has to be cleaned up. */
  interrupted?(): void
  stop(): void
}

/** The line that an event has for the user, if it has one. */
export function lineOf(event: DasyEvent): string | undefined {
  if (event.type === 'note') return event.text
  return event.type === 'doubt' ? `${event.source}: ${event.text}` : undefined
}
