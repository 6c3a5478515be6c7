import type { QueueNews } from '../contract/queue-events.js'
import type { WatchNews } from '../contract/watch-events.js'
import { processLog } from './log.js'

interface Line {
  readonly level: 'error' | 'warn' | 'info'
  readonly facts: object
  readonly message: string
}

/** Logs what "work" and "watch" tell besides what the log of runs says. */
export function logNews(news: QueueNews | WatchNews): void {
  const line = lineOf(news)
  if (line) processLog()?.[line.level](line.facts, line.message)
}

/** The texts of errors, which may quote a record, stay in the ledger: see `loggable`. */
function lineOf({ type, data }: QueueNews | WatchNews): Line | undefined {
  const message = type.replace('.', ' ')
  switch (type) {
    case 'run.started':
    case 'run.completed':
    case 'run.planned':
      return undefined
    case 'run.failed':
    case 'run.rejected':
      return { level: 'error', facts: { run: data.run, code: data.error.code }, message }
    case 'run.postponed': {
      const { error, ...facts } = data
      return { level: 'warn', facts: { ...facts, code: error.code }, message: 'run is tried again later' }
    }
    case 'file.failed': {
      const { error, ...facts } = data
      return { level: 'error', facts: { ...facts, code: error?.code }, message }
    }
    case 'alert.raised':
    case 'alert.cleared': {
      const { message: _, ...facts } = data
      return { level: 'warn', facts, message }
    }
    case 'folder.unreadable':
    case 'folder.polled':
    case 'file.ignored':
    case 'file.waiting': {
      const { message: reason, ...facts } = data
      return { level: 'warn', facts: { ...facts, reason }, message }
    }
    case 'work.started':
    case 'work.stopped':
    case 'watch.started':
    case 'watch.stopped': {
      // Every line has them.
      const { host, pid, ...facts } = data
      return { level: 'info', facts, message }
    }
    default:
      return { level: 'info', facts: data, message }
  }
}
