import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import { FoundChanges } from '../../api/changes.js'
import { writeRejectsIn } from '../../api/rejects.js'
import { csvHeader, csvLines } from '../../contract/change-csv.js'
import type { Session } from '../../db/session.js'
import type { App } from '../routing.js'
import { RunParameters } from '../schemas/common.js'
import type { Service } from '../service.js'
import { preferred, sendStreamed, type Write } from '../streamed-answer.js'

const CSV = 'text/csv'
const LINES = 'application/x-ndjson'
const TYPES = [CSV, LINES] as const
/** Lines are sent together. */
const BATCH_LENGTH = 64 * 1024

const Records = {
  content: {
    [CSV]: { schema: Type.String() },
    [LINES]: { schema: Type.String({ description: 'One JSON object a line' }) },
  },
}

/** What may be long: it is sent while it is read, as CSV or JSON lines. */
export function runRecordRoutes(app: App, { sessions }: Service): void {
  const config = { scope: 'read' } as const
  const common = { tags: ['runs'], params: RunParameters, response: { 200: Records } }

  app.get(
    '/v1/runs/:run/rejects',
    {
      config,
      schema: {
        ...common,
        summary: 'The rejected records of a run',
        querystring: Type.Object(
          { source: Type.Optional(Type.String({ description: 'Only those of this source' })) },
          { additionalProperties: false },
        ),
      },
    },
    async ({ params: { run }, query, headers }, reply) => {
      const type = preferred(headers.accept, TYPES)
      const form = type === CSV ? 'csv' : 'json'
      return await stream(reply, type, async (session, write) => {
        await writeRejectsIn(session, run, { ...query, form }, write)
      })
    },
  )

  app.get(
    '/v1/runs/:run/changes',
    {
      config,
      schema: {
        ...common,
        summary: 'What a run has changed, or what a plan would',
        querystring: Type.Object(
          {
            op: Type.Optional(Type.String({ description: 'insert, update, delete, or a list of them' })),
            column: Type.Optional(Type.String({ description: 'Only changes of this column' })),
            limit: Type.Optional(Type.Integer({ minimum: 1 })),
          },
          { additionalProperties: false },
        ),
      },
    },
    async ({ params: { run }, query, headers }, reply) => {
      const type = preferred(headers.accept, TYPES)
      return await stream(reply, type, async (session, write) => {
        const found = await FoundChanges.in(session, run, query)
        let batch = type === CSV ? csvHeader(found.set?.key ?? found.record.key) : ''
        for await (const change of found.read()) {
          batch += type === CSV ? csvLines(change) : `${JSON.stringify(change)}\n`
          if (batch.length < BATCH_LENGTH) continue
          await write(batch)
          batch = ''
        }
        await write(batch)
      })
    },
  )

  async function stream(
    reply: FastifyReply,
    type: string,
    work: (session: Session, write: Write) => Promise<void>,
  ): Promise<never> {
    const session = await sessions.forStream()
    return await sendStreamed(reply, type, async (write) => {
      try {
        await work(session, write)
      } finally {
        await session.close()
      }
    })
  }
}
