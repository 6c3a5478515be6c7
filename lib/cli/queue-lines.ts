import type { QueueEvent } from '../contract/queue-events.js'
import { count, duration, localTime, printable, sourceNames } from './printable.js'

/** An event of the queue as a line. */
export function queueLine(event: QueueEvent): string {
  return `${localTime(new Date(event.timestamp))}  ${printable(textOf(event))}\n`
}

function textOf({ type, data }: QueueEvent): string {
  switch (type) {
    case 'work.started':
      return `waiting for loads as host ${data.host}`
    case 'work.stopped':
      return 'stopped'
    case 'run.started':
      return `run ${data.run} begins: ${data.table}${data.attempt > 1 ? `, attempt ${data.attempt}` : ''}`
    case 'run.completed':
    case 'run.planned': {
      const { inserted, updated, deleted } = data.rows
      const changed = [`${count(inserted)} new`, `${count(updated)} changed`]
      if (deleted > 0) changed.push(`${count(deleted)} deleted`)
      const time = `${data.seconds.total.toFixed(2)} s`
      return `run ${data.run} ${data.status} in ${time}: ${sourceNames(data.source)} → ${data.table}, ${changed.join(', ')}`
    }
    case 'run.failed':
    case 'run.rejected':
      return `run ${data.run} ${type.slice(4)}: ${data.error.code}: ${data.error.message}`
    case 'run.postponed':
      return `run ${data.run} is tried again in ${duration(data.seconds)}: ${data.error.code}: ${data.error.message}`
    case 'run.interrupted':
      return `run ${data.run} is interrupted, and stays in the queue`
    case 'run.cancelled':
      return `run ${data.run} is cancelled`
  }
}
