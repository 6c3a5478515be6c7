import { type Message, signedHeaders } from './signed-request.js'

/** How long a receiver may take, in milliseconds. */
const LIMIT_MS = 20_000

/** A receiver did not take a message. */
export class NotTaken extends Error {
  /** @param status of its answer */
  constructor(
    message: string,
    readonly status: number | undefined,
  ) {
    super(message)
  }

  /** Whether it wants no messages any more. */
  get isGone(): boolean {
    return this.status === 410
  }
}

/**
 * Posts a message to a webhook. Redirections are not followed: another address was not asked for.
 * @param limitMs how long the receiver may take
 * @throws NotTaken unless the answer is 2xx
 */
export async function post(
  url: string,
  message: Message,
  secrets: readonly string[],
  limitMs = LIMIT_MS,
): Promise<void> {
  let answer: { readonly ok: boolean; readonly status: number; readonly body: ReadableStream | null }
  try {
    answer = await fetch(url, {
      method: 'POST',
      headers: signedHeaders(message, secrets),
      body: message.body,
      redirect: 'manual',
      signal: AbortSignal.timeout(limitMs),
    })
  } catch (error) {
    const { message: reason, cause } = error as Error
    throw new NotTaken((cause as Error | undefined)?.message ?? reason, undefined)
  }
  await answer.body?.cancel().catch(() => {})
  if (!answer.ok) throw new NotTaken(`it answered ${answer.status}`, answer.status)
}
