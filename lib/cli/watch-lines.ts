import type { QueueEvent, QueueNews } from '../contract/queue-events.js'
import type { WatchEvent, WatchNews } from '../contract/watch-events.js'
import { localTime, printable } from './printable.js'
import { queueLine } from './queue-lines.js'

/** An event of `dasy watch` as a line. */
export function watchLine(event: WatchEvent): string {
  if (isOfQueue(event)) return queueLine(event)
  return `${localTime(new Date(event.timestamp))}  ${printable(textOf(event))}\n`
}

function isOfQueue(event: WatchEvent): event is QueueEvent {
  return event.type.startsWith('run.') || event.type.startsWith('work.')
}

function textOf({ type, data }: Exclude<WatchNews, QueueNews>): string {
  switch (type) {
    case 'watch.started':
      return `watching ${data.folders.join(', ')} as host ${data.host}`
    case 'watch.stopped':
      return 'stopped'
    case 'folder.unreadable':
      return `${data.folder} cannot be read: ${data.message}`
    case 'folder.readable':
      return `${data.folder} can be read again`
    case 'folder.polled':
      return `${data.folder} is only looked at now and then (--poll), because the system tells nothing of it: ${data.message}`
    case 'file.enqueued':
      return `${data.file} arrived: run ${data.run}, dataset ${data.dataset}`
    case 'file.loaded':
      return `${data.file} is loaded by run ${data.run}${to(data)}`
    case 'file.same':
      return `${data.file} has the same content as the last file, which run ${data.run} loaded: not loaded again${to(data)}`
    case 'file.failed':
      return `${data.file} was not loaded${to(data)}${data.error ? `: ${data.error.code}: ${data.error.message}` : ''}`
    case 'file.replaced':
      return `${data.file} was replaced or removed while it was loaded`
    case 'file.ignored':
      return `${data.file} is left alone: ${data.message}`
    case 'file.waiting':
      return `${data.file} has to wait: ${data.message}`
    case 'alert.raised':
      return `alert: ${data.cause}: ${data.message}`
    case 'alert.cleared':
      return `well again: ${data.cause}: ${data.message}`
  }
}

function to({ file, target }: { readonly file: string; readonly target: string }): string {
  return file === target ? '' : `, and moved to ${target}`
}
