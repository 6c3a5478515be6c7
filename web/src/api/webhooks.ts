import { request } from './request.js'

/** Who is told of runs and of changed rows. */

export const EVENTS = ['run.completed', 'run.failed', 'run.rejected', 'run.planned', 'rows.changed'] as const
export type WebhookEvent = (typeof EVENTS)[number]

export interface Webhook {
  readonly id: number
  readonly url: string
  readonly events: readonly WebhookEvent[]
  /** Null: all. */
  readonly tables: readonly string[] | null
  /** Why nothing is sent any more; null: it is at work. */
  readonly disabled: string | null
  readonly createdAt: string
  /** How many messages wait to be sent. */
  readonly waiting: number
}

/** What is told only once. */
export interface WebhookSecret {
  readonly secret: string
}

/** An attempt to send a message. */
export interface Delivery {
  readonly id: number
  readonly type: string
  readonly run: number | null
  readonly attemptedAt: string
  readonly seconds: number
  /** Null: there was no answer. */
  readonly status: number | null
  readonly error: string | null
  /** Its beginning. */
  readonly answer: string
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
