import { Webhook } from 'standardwebhooks'

/** A message for a webhook. */
export interface Message {
  /** It stays the same when the message is sent again, so that a receiver knows it. */
  readonly id: string
  /** JSON, as it is sent. */
  readonly body: string
}

/**
 * The headers of a message, signed after the Standard Webhooks specification.
 * @param secrets each signs: two while a secret is being replaced. None: the message is not signed
 * @param now when it is sent
 */
export function signedHeaders(
  { id, body }: Message,
  secrets: readonly string[],
  now = new Date(),
): Record<string, string> {
  const signatures = secrets.map((secret) => new Webhook(secret).sign(id, now, body))
  return {
    'content-type': 'application/json',
    'user-agent': 'dasy',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    ...(signatures.length > 0 && { 'webhook-signature': signatures.join(' ') }),
  }
}
