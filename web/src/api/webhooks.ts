import { request } from './request.js'

/** Who is told of runs and of changed rows. */

export const EVENTS = ['run.completed', 'run.failed', 'run.rejected', 'run.planned', 'rows.changed'] as const
export type WebhookEvent = (typeof EVENTS)[number]

export interface Webhook {
  readonly id: string | number
  readonly url: string
  readonly events: readonly WebhookEvent[]
  /** None: all. */
  readonly tables: readonly string[] | null
  /** Why it was switched off, if it was. */
  readonly disabledReason?: string | null
  readonly active?: boolean
}

/** The secret is told only once. */
export type NewWebhook = Webhook & { readonly secret: string }

export interface Delivery {
  readonly id: string | number
  readonly event?: string
  readonly type?: string
  readonly status?: string | number | null
  readonly attempts?: readonly Attempt[]
}

export interface Attempt {
  readonly at?: string
  readonly time?: string
  readonly status: number | null
  readonly answer?: string | null
  readonly error?: string | null
}

const path = (id: Webhook['id']): string => `/v1/webhooks/${encodeURIComponent(id)}`

export const listWebhooks = async (signal?: AbortSignal) =>
  (await request<{ webhooks: readonly Webhook[] }>('GET', '/v1/webhooks', { signal })).webhooks

export const getWebhook = (id: Webhook['id'], signal?: AbortSignal) =>
  request<Webhook>('GET', path(id), { signal })

export const createWebhook = (wanted: Pick<Webhook, 'url' | 'events'> & { tables?: readonly string[] }) =>
  request<NewWebhook>('POST', '/v1/webhooks', { json: wanted })

export const deleteWebhook = (id: Webhook['id']) => request<void>('DELETE', path(id))
export const testWebhook = (id: Webhook['id']) => request<Delivery>('POST', `${path(id)}/test`)
export const rotateWebhook = (id: Webhook['id']) => request<NewWebhook>('POST', `${path(id)}/rotate`)

export const listDeliveries = async (id: Webhook['id'], signal?: AbortSignal) =>
  (await request<{ deliveries: readonly Delivery[] }>('GET', `${path(id)}/deliveries`, { signal })).deliveries

export const redeliver = (id: Webhook['id'], delivery: Delivery['id']) =>
  request<void>('POST', `${path(id)}/deliveries/${encodeURIComponent(delivery)}/redeliver`)
