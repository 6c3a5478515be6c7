import { Type } from 'typebox'
import { WEBHOOK_EVENTS } from '../../contract/webhooks.js'
import {
  createWebhook,
  enableWebhook,
  findWebhook,
  listDeliveries,
  listWebhooks,
  redeliver,
  removeWebhook,
  rotateSecret,
  testWebhook,
} from '../../outbox/webhooks.js'
import { requirePublicHost } from '../../source/http/public-addresses.js'
import type { App } from '../routing.js'
import { NoContent, Nullable, OneOf } from '../schemas/common.js'
import type { Service } from '../service.js'

const Events = Type.Array(OneOf(WEBHOOK_EVENTS))

const NewWebhook = Type.Object(
  {
    url: Type.String({ maxLength: 2000 }),
    events: Type.Optional(Events),
    tables: Type.Optional(Type.Array(Type.String({ maxLength: 300 }), { maxItems: 1000 })),
  },
  { additionalProperties: false },
)

const Webhook = Type.Object({
  id: Type.Integer(),
  url: Type.String(),
  events: Events,
  tables: Nullable(Type.Array(Type.String(), { description: 'null: all' })),
  disabled: Nullable(Type.String({ description: 'Why nothing is sent any more; null: it is at work' })),
  createdAt: Type.String({ format: 'date-time' }),
  waiting: Type.Integer({ description: 'How many messages wait to be sent' }),
})

const Secret = Type.Object({ secret: Type.String({ description: 'whsec_…: told only now' }) })

const Delivery = Type.Object({
  id: Type.Integer(),
  message: Type.String({ description: 'The webhook-id' }),
  type: Type.String(),
  run: Nullable(Type.Integer()),
  batch: Type.Integer(),
  attemptedAt: Type.String({ format: 'date-time' }),
  seconds: Type.Number(),
  status: Nullable(Type.Integer()),
  error: Nullable(Type.String()),
  answer: Type.String({ description: 'The first kilobyte' }),
})

const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
const OfWebhook = Type.Object({ id: Id })
const OfDelivery = Type.Object({ id: Id, delivery: Id })
const Waiting = Type.Object({ status: Type.Literal('waiting') })

const Page = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Id),
  },
  { additionalProperties: false },
)

/** Who is told of runs and of changed rows. */
export function webhookRoutes(app: App, { sessions, allowPrivate }: Service): void {
  const config = { scope: 'admin' } as const
  const tags = ['webhooks']

  app.get(
    '/v1/webhooks',
    {
      config,
      schema: {
        tags,
        summary: 'All webhooks',
        response: { 200: Type.Object({ webhooks: Type.Array(Webhook) }) },
      },
    },
    async () => ({ webhooks: await sessions.use(listWebhooks) }) as never,
  )

  app.post(
    '/v1/webhooks',
    {
      config,
      schema: {
        tags,
        summary: 'Make a webhook; its secret is answered only now',
        body: NewWebhook,
        response: { 201: Type.Intersect([Webhook, Secret]) },
      },
    },
    async ({ body }, reply) => {
      if (!allowPrivate.includes('webhooks') && URL.canParse(body.url)) requirePublicHost(new URL(body.url))
      const made = await sessions.use((session) => createWebhook(session, body))
      return reply
        .code(201)
        .header('location', `/v1/webhooks/${made.id}`)
        .send(made as never)
    },
  )

  app.get(
    '/v1/webhooks/:id',
    { config, schema: { tags, summary: 'A webhook', params: OfWebhook, response: { 200: Webhook } } },
    async ({ params: { id } }) => (await sessions.use((session) => findWebhook(session, id))) as never,
  )

  app.delete(
    '/v1/webhooks/:id',
    {
      config,
      schema: {
        tags,
        summary: 'Remove a webhook, and what it was not told yet',
        params: OfWebhook,
        response: { 204: NoContent },
      },
    },
    async ({ params: { id } }, reply) => {
      await sessions.use((session) => removeWebhook(session, id))
      return reply.code(204).send(null as never)
    },
  )

  app.post(
    '/v1/webhooks/:id/enable',
    {
      config,
      schema: {
        tags,
        summary: 'Send again to a webhook that was switched off',
        params: OfWebhook,
        response: { 200: Webhook },
      },
    },
    async ({ params: { id } }) => (await sessions.use((session) => enableWebhook(session, id))) as never,
  )

  app.post(
    '/v1/webhooks/:id/rotate',
    {
      config,
      schema: {
        tags,
        summary: 'A new secret; the old one signs too for 24 hours',
        params: OfWebhook,
        response: { 200: Secret },
      },
    },
    async ({ params: { id } }) => await sessions.use((session) => rotateSecret(session, id)),
  )

  app.post(
    '/v1/webhooks/:id/test',
    {
      config,
      schema: {
        tags,
        summary: 'Send a message that says nothing',
        params: OfWebhook,
        response: { 202: Waiting },
      },
    },
    async ({ params: { id } }, reply) => {
      await sessions.use((session) => testWebhook(session, id))
      return reply.code(202).send({ status: 'waiting' })
    },
  )

  app.get(
    '/v1/webhooks/:id/deliveries',
    {
      config,
      schema: {
        tags,
        summary: 'The attempts of the last 7 days, the newest first',
        params: OfWebhook,
        querystring: Page,
        response: {
          200: Type.Object({ deliveries: Type.Array(Delivery), cursor: Nullable(Type.Integer()) }),
        },
      },
    },
    async ({ params: { id }, query: { limit = 100, cursor } }) => {
      const found = await sessions.use((session) =>
        listDeliveries(session, id, { before: cursor, limit: limit + 1 }),
      )
      const deliveries = found.slice(0, limit)
      return { deliveries, cursor: found.length > limit ? (deliveries.at(-1)?.id ?? null) : null } as never
    },
  )

  app.post(
    '/v1/webhooks/:id/deliveries/:delivery/redeliver',
    {
      config,
      schema: { tags, summary: 'Send a message once more', params: OfDelivery, response: { 202: Waiting } },
    },
    async ({ params: { id, delivery } }, reply) => {
      await sessions.use((session) => redeliver(session, id, delivery))
      return reply.code(202).send({ status: 'waiting' })
    },
  )
}
