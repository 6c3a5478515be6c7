import { Type } from 'typebox'
import { runsIn, timedRunsIn } from '../../api/runs.js'
import { runNotFound } from '../../ledger/stored-run.js'
import type { App } from '../routing.js'
import { Nullable, OneOf, RunParameters } from '../schemas/common.js'
import { RUN_STATUSES, TimedReceiptSchema } from '../schemas/receipt.js'
import type { Service } from '../service.js'

/** How many runs are answered if the client does not say. */
const USUAL = 50

const Details = Type.Boolean({ description: 'Also when a run began and ended, and the conflicts of an undo' })

const RunsQuery = Type.Object(
  {
    details: Type.Optional(Details),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: USUAL })),
    cursor: Type.Optional(Type.Integer({ minimum: 1, description: 'Of the page before' })),
    status: Type.Optional(OneOf(RUN_STATUSES)),
    table: Type.Optional(Type.String({ description: 'As it was named' })),
  },
  { additionalProperties: false },
)

const RunQuery = Type.Object({ details: Type.Optional(Details) }, { additionalProperties: false })

const RunsPage = Type.Object({
  runs: Type.Array(TimedReceiptSchema),
  cursor: Nullable(Type.Integer({ description: 'For the next page; null: there is none' })),
})

/** As `dasy runs --json`. */
export function runRoutes(app: App, { sessions }: Service): void {
  const config = { scope: 'read' } as const
  const tags = ['runs']

  app.get(
    '/v1/runs',
    {
      config,
      schema: {
        tags,
        summary: 'Runs, the newest first',
        querystring: RunsQuery,
        response: { 200: RunsPage },
      },
    },
    async ({ query: { limit = USUAL, cursor, status, table, details } }) => {
      // One more, to know whether there are more.
      const selection = { limit: limit + 1, before: cursor, status, table }
      const found = await sessions.use((session) => reader(details)(session, selection))
      const runs = found.slice(0, limit)
      return { runs, cursor: found.length > limit ? (runs.at(-1)?.run ?? null) : null } as never
    },
  )

  app.get(
    '/v1/runs/:run',
    {
      config,
      schema: {
        tags,
        summary: 'One run',
        params: RunParameters,
        querystring: RunQuery,
        response: { 200: TimedReceiptSchema },
      },
    },
    async ({ params: { run }, query: { details } }) => {
      const [receipt] = await sessions.use((session) => reader(details)(session, { run }))
      if (!receipt) throw runNotFound(run)
      return receipt as never
    },
  )
}

const reader = (details = false) => (details ? timedRunsIn : runsIn)
