import { DasyError } from '../base/errors.js'
import { destroy } from '../db/client.js'
import type { Session } from '../db/session.js'

/** Works until nobody waits for the result any more: then the statement ends, however long it would take, and with it the session. */
export async function whileWanted<Result>(
  session: Session,
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  if (signal?.aborted) throw notWanted()
  const end = (): void => destroy(session.client)
  signal?.addEventListener('abort', end, { once: true })
  try {
    return await work()
  } catch (error) {
    throw signal?.aborted ? notWanted() : error
  } finally {
    signal?.removeEventListener('abort', end)
  }
}

function notWanted(): DasyError {
  return new DasyError('INTERRUPTED', 'nobody waits for these rows any more')
}
