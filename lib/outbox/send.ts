import { DasyError } from '../base/errors.js'
import type { Database } from '../db/database.js'
import { claimSending } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { query, statement } from '../db/sql.js'
import { type Entry, messagesOf, type OutboxMessage } from './messages.js'
import { type Answer, NotTaken, post } from './post.js'

/** What waits to be sent to one webhook about one table, in its order. */
export interface Outgoing {
  readonly webhook: number
  readonly queue: string
}

interface Taken extends Entry {
  readonly batch: number
  readonly until: number | null
  readonly attempts: number
  /** For how many seconds it has failed. */
  readonly failing: number
  /** In how many seconds it is tried again. */
  readonly wait: number
  readonly url: string
  readonly secret: string
  readonly old_secret: string | null
}

export interface Sender {
  readonly database: Database
  readonly mayBePrivate: boolean
  readonly signal: AbortSignal
  readonly note: (text: string) => void
}

/** Seconds between tries. */
const PAUSES = [5, 15, 60, 300, 900, 1800, 3600]
const LONGEST_PAUSE = 3600
/** For so many seconds a message is tried; then the webhook is switched off. */
const DAY = 86_400

/**
 * Sends the messages of a webhook about a table, one at a time, until none is left or one is not taken: that one holds the others.
 */
export async function sendOutgoing(sender: Sender, { webhook, queue }: Outgoing): Promise<void> {
  // One session reads the changes, in a transaction; the other records what was sent.
  await using reading = await sender.database.session('dasy send')
  await using session = await sender.database.session('dasy send')
  if (!(await claimSending(session, `${webhook} ${queue}`))) return
  while (!sender.signal.aborted) {
    const taken = await session.row<Taken>(statement('outbox/take'), [webhook, queue])
    if (!taken) return
    if (taken.wait > 0) return await wake(session, { webhook, queue }, taken.wait)
    if (!(await sendEntry(sender, { session, reading, webhook, queue }, taken))) return
  }
}

interface Sending extends Outgoing {
  readonly session: Session
  readonly reading: Session
}

/** @returns whether all of it was taken */
async function sendEntry(sender: Sender, sending: Sending, taken: Taken): Promise<boolean> {
  const { session, reading, webhook } = sending
  try {
    for await (const message of messagesOf(reading, taken)) {
      if (message.batch < taken.batch) continue
      if (taken.until !== null && message.batch > taken.until) break
      if (sender.signal.aborted) return false
      if (!(await sendMessage(sender, sending, taken, message))) return false
    }
  } catch (error) {
    if (!(error instanceof DasyError) || error.code !== 'NO_HISTORY') throw error
    // Its history was removed before all of it was told.
    sender.note(
      `webhook ${webhook}: the changes of run ${taken.run} cannot be told any more: ${error.message}`,
    )
  }
  await session.run(query`UPDATE dasy.outbox SET sent_at = now() WHERE entry = $1`, [taken.entry])
  return true
}

async function sendMessage(
  sender: Sender,
  sending: Sending,
  taken: Taken,
  { batch, id, body }: OutboxMessage,
): Promise<boolean> {
  const { session, webhook } = sending
  const secrets = [taken.secret, ...(taken.old_secret === null ? [] : [taken.old_secret])]
  const began = performance.now()
  const record = async (answer: Answer | undefined, error: string | null): Promise<void> => {
    const seconds = (performance.now() - began) / 1000
    const what = [webhook, taken.entry, id, taken.type, taken.run, batch, seconds]
    await session.run(statement('outbox/record'), [
      ...what,
      answer?.status ?? null,
      error,
      answer?.text ?? '',
    ])
  }
  try {
    const { mayBePrivate, signal } = sender
    const answer = await post(taken.url, { id, body }, secrets, { mayBePrivate, signal })
    await record(answer, null)
    const next = query`UPDATE dasy.outbox SET batch = $2, attempts = 0, failing_since = NULL WHERE entry = $1`
    await session.run(next, [taken.entry, batch + 1])
    return true
  } catch (error) {
    if (!(error instanceof NotTaken)) throw error
    // Whoever goes on sends it again, under the same webhook-id.
    if (sender.signal.aborted) return false
    await record(error.answer, error.message)
    await postpone(sender, sending, taken, error)
    return false
  }
}

/** Tries again later, or switches the webhook off. */
async function postpone(sender: Sender, sending: Sending, taken: Taken, error: NotTaken): Promise<void> {
  const { session, webhook, queue } = sending
  // What was sent since has begun the day anew.
  const now = await session.row<Taken>(statement('outbox/take'), [webhook, queue])
  const { attempts, failing } = now ?? taken
  if (error.isGone || failing >= DAY) {
    const why = error.isGone
      ? 'its receiver is gone (410)'
      : `it has taken nothing for a day: ${error.message}`
    await session.run(query`UPDATE dasy.webhooks SET disabled = $2 WHERE webhook = $1`, [webhook, why])
    sender.note(`webhook ${webhook} is switched off: ${why}`)
    return
  }
  const usual = PAUSES[attempts] ?? LONGEST_PAUSE
  const pause = Math.min(Math.max(usual, error.retryAfter ?? 0), DAY)
  await session.run(statement('outbox/postpone'), [taken.entry, pause])
  await wake(session, { webhook, queue }, pause)
}

async function wake(session: Session, { webhook, queue }: Outgoing, seconds: number): Promise<void> {
  await session.run(statement('outbox/schedule'), [webhook, queue, seconds])
}

/** What can be sent now, whether a job of the queue says so or not. */
export async function findDue(session: Session): Promise<Outgoing[]> {
  return await session.rows<Outgoing>(statement('outbox/due'))
}

/** Removes what is old. */
export async function forgetOld(session: Session): Promise<void> {
  await session.run(statement('outbox/forget_old'))
}
