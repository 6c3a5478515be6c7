import { setTimeout as sleep } from 'node:timers/promises'
import { Backoff } from '../base/backoff.js'
import type { DasyEvent } from '../contract/events.js'
import type { QueueListener } from '../contract/queue-events.js'
import type { ServeOptions } from '../contract/service-options.js'
import { isTransient } from '../db/retry.js'
import { work } from '../queue/work.js'

/**
 * Does the work of the queue in this process. A worker ends if the database is gone when it begins: the service does not.
 * @param onQueueEvent called whenever something has happened to a run
 */
export async function workUntilStopped(
  options: ServeOptions,
  signal: AbortSignal,
  onQueueEvent: QueueListener,
): Promise<void> {
  const backoff = new Backoff(Number.POSITIVE_INFINITY)
  while (!signal.aborted) {
    try {
      await work({ ...workOptions(options), onQueueEvent, signal })
      return
    } catch (error) {
      if (!isTransient(error)) throw error
      await sleep(backoff.next() ?? 0, undefined, { signal }).catch(() => {})
    }
  }
}

function workOptions({
  databaseUrl,
  concurrency,
  allowPrivate,
  work: mayWork,
  onEvent,
}: ServeOptions): Parameters<typeof work>[0] {
  // The progress of loads is told to those who ask for it.
  const onNote = onEvent && ((event: DasyEvent) => event.type === 'note' && onEvent(event))
  const allowPrivateUrls = allowPrivate?.includes('urls')
  const allowPrivateWebhooks = allowPrivate?.includes('webhooks')
  // Without loads it still sends what webhooks are told.
  const onlySends = mayWork === false
  const may = { allowPrivateUrls, allowPrivateWebhooks, onlySends }
  return { databaseUrl, concurrency, ...may, onEvent: onNote as typeof onEvent }
}
