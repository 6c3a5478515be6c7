import { randomBytes } from 'node:crypto'
import { DasyError } from '../base/errors.js'
import { parseTableName } from '../contract/table-name.js'
import { badOption, wholeNumber } from '../contract/values.js'
import { type Delivery, type NewWebhook, WEBHOOK_EVENTS, type Webhook } from '../contract/webhooks.js'
import type { Session } from '../db/session.js'
import { query, statement } from '../db/sql.js'

/** Webhooks in the database. */

/** A secret in the form of the Standard Webhooks specification. */
function newSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`
}

/** @returns the webhook, and its secret, which is told only now @throws DasyError BAD_OPTION */
export async function createWebhook(
  session: Session,
  { url, events, tables }: NewWebhook,
): Promise<Webhook & { readonly secret: string }> {
  requireUrl(url)
  for (const table of tables ?? []) parseTableName(table, 'tables')
  const secret = newSecret()
  const names = tables && tables.length > 0 ? tables : null
  const values = [url, events && events.length > 0 ? [...new Set(events)] : WEBHOOK_EVENTS, names, secret]
  const row = await session.row<{ webhook: number }>(
    query`INSERT INTO dasy.webhooks (url, events, tables, secret) VALUES ($1, $2, $3, $4) RETURNING webhook`,
    values,
  )
  return { ...(await findWebhook(session, row?.webhook as number)), secret }
}

export async function listWebhooks(session: Session): Promise<Webhook[]> {
  return await session.rows<Webhook>(statement('outbox/list'), [null])
}

/** @throws DasyError WEBHOOK_NOT_FOUND */
export async function findWebhook(session: Session, id: number): Promise<Webhook> {
  const found = await session.row<Webhook>(statement('outbox/list'), [id])
  if (found) return found
  throw notFound(`there is no webhook ${id}`)
}

/** With what it was not told yet. @throws DasyError WEBHOOK_NOT_FOUND */
export async function removeWebhook(session: Session, id: number): Promise<void> {
  const removed = await session.run(query`DELETE FROM dasy.webhooks WHERE webhook = $1`, [id])
  if (removed === 0) throw notFound(`there is no webhook ${id}`)
}

/** Sends again to a webhook that was switched off, beginning with what it has not taken. @throws DasyError WEBHOOK_NOT_FOUND */
export async function enableWebhook(session: Session, id: number): Promise<Webhook> {
  await session.run(query`UPDATE dasy.webhooks SET disabled = NULL WHERE webhook = $1`, [id])
  await session.run(
    query`UPDATE dasy.outbox SET next_try = now(), failing_since = NULL, attempts = 0 WHERE webhook = $1 AND sent_at IS NULL`,
    [id],
  )
  return await findWebhook(session, id)
}

/** A new secret; the old one signs too for 24 hours. @throws DasyError WEBHOOK_NOT_FOUND */
export async function rotateSecret(session: Session, id: number): Promise<{ readonly secret: string }> {
  const secret = newSecret()
  const changed = await session.run(
    query`UPDATE dasy.webhooks SET old_secret = secret, old_until = now() + interval '24 hours', secret = $2 WHERE webhook = $1`,
    [id, secret],
  )
  if (changed === 0) throw notFound(`there is no webhook ${id}`)
  return { secret }
}

/** Puts a message into the outbox that says nothing but that it is one. @throws DasyError WEBHOOK_NOT_FOUND */
export async function testWebhook(session: Session, id: number): Promise<void> {
  await findWebhook(session, id)
  await session.run(
    query`INSERT INTO dasy.outbox (webhook, queue, message, type, data)
          VALUES ($1, '', concat('msg_', gen_random_uuid()), 'webhook.test', '{"message": "It works"}')
          RETURNING dasy.send_soon(webhook, queue)`,
    [id],
  )
}

/** The attempts of the last 7 days, the newest first. @throws DasyError WEBHOOK_NOT_FOUND */
export async function listDeliveries(
  session: Session,
  id: number,
  { before, limit = 100 }: { readonly before?: number | undefined; readonly limit?: number | undefined } = {},
): Promise<Delivery[]> {
  await findWebhook(session, id)
  const most = wholeNumber('limit', limit, 1, 1001)
  return await session.rows<Delivery>(statement('outbox/list_deliveries'), [id, before ?? null, most])
}

/** Sends a message once more. @throws DasyError WEBHOOK_NOT_FOUND */
export async function redeliver(session: Session, id: number, delivery: number): Promise<void> {
  const added = await session.run(statement('outbox/redeliver'), [id, delivery])
  if (added === 0) throw notFound(`webhook ${id} has no delivery ${delivery} of the last 7 days`)
}

function requireUrl(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || !['http:', 'https:'].includes(parsed.protocol))
    throw badOption('url', 'must be an http or https address')
  if (parsed.username || parsed.password) throw badOption('url', 'must have no user name and no password')
}

function notFound(what: string): DasyError {
  return new DasyError('WEBHOOK_NOT_FOUND', what)
}
