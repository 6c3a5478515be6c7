import {
  type Delivery as StoredDelivery,
  type Webhook as StoredWebhook,
  WEBHOOK_EVENTS,
  type WebhookEvent,
} from '../../../lib/contract/webhooks.js'
import type { AsJson } from './as-json.js'
import { request } from './request.js'

/** Who is told of runs and of changed rows. */

export { WEBHOOK_EVENTS, type WebhookEvent }

export type Webhook = AsJson<StoredWebhook>
/** An attempt to send a message. */
export type Delivery = AsJson<StoredDelivery>

/** What is told only once. */
export interface WebhookSecret {
  readonly secret: string
}

const path = (id: number): string => `/v1/webhooks/${id}`

export const listWebhooks = async (signal?: AbortSignal) =>
  (await request<{ webhooks: readonly Webhook[] }>('GET', '/v1/webhooks', { signal })).webhooks

export const getWebhook = (id: number, signal?: AbortSignal) => request<Webhook>('GET', path(id), { signal })

export const createWebhook = (wanted: Pick<Webhook, 'url' | 'events'> & { tables?: readonly string[] }) =>
  request<Webhook & WebhookSecret>('POST', '/v1/webhooks', { json: wanted })

export const enableWebhook = (id: number) => request<Webhook>('POST', `${path(id)}/enable`)
export const deleteWebhook = (id: number) => request<void>('DELETE', path(id))
export const testWebhook = (id: number) => request<void>('POST', `${path(id)}/test`)
export const rotateWebhook = (id: number) => request<WebhookSecret>('POST', `${path(id)}/rotate`)

export const listDeliveries = async (id: number, signal?: AbortSignal) =>
  (await request<{ deliveries: readonly Delivery[] }>('GET', `${path(id)}/deliveries`, { signal })).deliveries

export const redeliver = (id: number, delivery: number) =>
  request<void>('POST', `${path(id)}/deliveries/${delivery}/redeliver`)
