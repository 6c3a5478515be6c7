import { type TSchema, Type } from 'typebox'
import { configuredHistoryDays, configuredQueue, configuredTables } from '../../config/with-dataset.js'
import type { QueueOptions } from '../../contract/queue-options.js'
import { parseTableName, type TableName } from '../../contract/table-name.js'
import type { Session } from '../../db/session.js'
import { query } from '../../db/sql.js'
import { cancelIn } from '../../queue/cancel.js'
import type { EnqueueResult } from '../../queue/enqueue.js'
import { storeApply, storeResume, storeUndo } from '../../queue/enqueue-run.js'
import type { RunAnswers } from '../await-run.js'
import { requireAllowed } from '../enqueue-load.js'
import { noteRequest } from '../observed-requests.js'
import type { App } from '../routing.js'
import { Nullable, OneOf, QueuedRun, RunParameters } from '../schemas/common.js'
import { KnownReceiptSchema } from '../schemas/receipt.js'
import type { Service } from '../service.js'

const Wait = Type.Object(
  { wait: Type.Optional(Type.Boolean({ description: 'Answer when the run has ended' })) },
  { additionalProperties: false },
)

/** A body with options, or none. */
function Options<Properties extends Record<string, TSchema>>(properties: Properties) {
  return Nullable(Type.Object(properties, { additionalProperties: false }))
}

const Limit = Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.String()]))
const Flag = Type.Optional(Type.Boolean())

const ApplyBody = Options({ replan: Flag })
const UndoBody = Options({ skipConflicts: Flag })
const ResumeBody = Options({
  maxRejects: Limit,
  maxDeletes: Limit,
  syncDespiteRejects: Flag,
  skipConflicts: Flag,
})

/** What can be done with a run that is there: in its turn, by the queue. */
export function runActionRoutes(answers: RunAnswers) {
  return (app: App, { sessions, config: path }: Service): void => {
    const config = { scope: 'write' } as const
    const common = { tags: ['runs'], params: RunParameters, querystring: Wait }
    const response = { 200: KnownReceiptSchema, 202: QueuedRun }

    app.post(
      '/v1/runs/:run/apply',
      { config, schema: { ...common, summary: 'Apply a plan, or make it again', body: ApplyBody, response } },
      async (request, reply) => {
        const { params, query, body } = request
        const { run } = await inQueue(request.id, (session, how) =>
          storeApply(session, params.run, { ...how, ...body }),
        )
        return await answers.send(request, reply, run, query.wait)
      },
    )

    app.post(
      '/v1/runs/:run/undo',
      {
        config,
        schema: { ...common, summary: 'Take back what a run has changed', body: UndoBody, response },
      },
      async (request, reply) => {
        const { params, query, body } = request
        const { run } = await inQueue(request.id, (session, how) =>
          storeUndo(session, params.run, { ...how, ...body }),
        )
        return await answers.send(request, reply, run, query.wait)
      },
    )

    app.post(
      '/v1/runs/:run/resume',
      {
        config,
        schema: { ...common, summary: 'Go on with a run that has stopped', body: ResumeBody, response },
      },
      async (request, reply) => {
        const { params, query, body } = request
        const { run } = await inQueue(request.id, (session, how) =>
          storeResume(session, params.run, { ...how, ...body }),
        )
        return await answers.send(request, reply, run, query.wait)
      },
    )

    app.post(
      '/v1/runs/:run/cancel',
      {
        config,
        schema: {
          tags: ['runs'],
          summary: 'Take a run out of the queue, or interrupt it',
          params: RunParameters,
          body: Options({}),
          response: { 202: Type.Object({ run: Type.Integer(), status: OneOf(['interrupted', 'planned']) }) },
        },
      },
      async ({ params: { run } }, reply) =>
        reply
          .code(202)
          .header('location', `/v1/runs/${run}`)
          .send(await sessions.use((session) => cancelIn(session, run))),
    )

    async function inQueue(
      request: string,
      store: (
        session: Session,
        how: QueueOptions & { historyDays: number | undefined },
      ) => Promise<EnqueueResult>,
    ): Promise<EnqueueResult> {
      const how = { ...(await configuredQueue(path)), historyDays: await configuredHistoryDays(path) }
      const configured = await configuredTables(path)
      return await sessions.use((session) =>
        session.transaction(async () => {
          const enqueued = await store(session, how)
          // Somebody else may have made the table since the run was begun.
          await requireAllowed(session, await tableOf(session, enqueued.run), configured)
          await noteRequest(session, enqueued.run, request)
          return enqueued
        }),
      )
    }
  }
}

async function tableOf(session: Session, run: number): Promise<TableName> {
  const row = await session.row<{ target: string }>(query`SELECT target FROM dasy.runs WHERE run = $1`, [run])
  return parseTableName((row as { target: string }).target)
}
