import { setTimeout as sleep } from 'node:timers/promises'
import type { Note } from '../../contract/events.js'
import type { Database } from '../../db/database.js'
import type { Session } from '../../db/session.js'
import { query } from '../../db/sql.js'
import { QueueWorker } from '../../queue/worker.js'
import { messageOf } from '../file.js'
import type { AlertJob } from './alerts.js'
import type { Channel } from './channels.js'

/** How long a command that ends may wait for its last messages, in milliseconds. */
const LAST_MS = 30_000
const POLL_MS = 100

/** The task that sends the messages of the watchers of a host: only there are the secrets. */
export function alertTask(host: string): string {
  return `alert on ${host}`
}

/**
 * Sends the messages of alerts, beside the loads: one that cannot be sent is tried again with growing pauses, by the queue.
 * @returns when the signal is aborted
 */
export async function deliver(
  database: Database,
  channels: readonly Channel[],
  { host, signal, note }: { host: string; signal: AbortSignal; note: Note },
): Promise<void> {
  const send = async (payload: unknown): Promise<void> => {
    const { channel: name, id, message } = payload as AlertJob
    // The configuration may have changed since.
    const channel = channels.find((each) => each.name === name)
    await channel?.send(id, message).catch((error) => {
      note(`an alert could not be sent by ${name}, and is sent again: ${messageOf(error)}`)
      throw error
    })
  }
  const worker = new QueueWorker(database, {
    host,
    concurrency: 1,
    once: false,
    signal,
    tasks: { [alertTask(host)]: send },
    tell: () => {},
    listenerOf: () => undefined,
  })
  await worker.run()
}

/** Waits until nothing is left to be sent now, or for half a minute. */
export async function untilDelivered(session: Session, host: string): Promise<void> {
  const deadline = performance.now() + LAST_MS
  const text = query`SELECT EXISTS (SELECT FROM dasy_queue.jobs WHERE task_identifier = $1 AND run_at <= now()) AS left`
  while (performance.now() < deadline) {
    const row = await session.row<{ left: boolean }>(text, [alertTask(host)])
    if (!row?.left) return
    await sleep(POLL_MS)
  }
}
