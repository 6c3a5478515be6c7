/** What a webhook can be told of. */
export const WEBHOOK_EVENTS = [
  'run.completed',
  'run.failed',
  'run.rejected',
  'run.planned',
  'rows.changed',
] as const

export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number]

export interface NewWebhook {
  readonly url: string
  /** All if it names none. */
  readonly events?: readonly WebhookEvent[] | undefined
  /** All if it names none. */
  readonly tables?: readonly string[] | undefined
}

export interface Webhook {
  readonly id: number
  readonly url: string
  readonly events: readonly WebhookEvent[]
  readonly tables: readonly string[] | null
  /** Why nothing is sent any more; null: it is at work. */
  readonly disabled: string | null
  readonly createdAt: Date
  /** How many messages wait to be sent. */
  readonly waiting: number
}

/** An attempt to send a message. */
export interface Delivery {
  readonly id: number
  /** The webhook-id: it stays when the message is sent again. */
  readonly message: string
  readonly type: string
  readonly run: number | null
  readonly batch: number
  readonly attemptedAt: Date
  readonly seconds: number
  /** Of the answer; null if there was none. */
  readonly status: number | null
  readonly error: string | null
  /** Its first kilobyte. */
  readonly answer: string
}
