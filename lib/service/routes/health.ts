import { Type } from 'typebox'
import { DasyError, EXIT } from '../../base/errors.js'
import { isMigrated } from '../../db/migrations.js'
import { CONTENT_TYPE } from '../../observe/metrics.js'
import type { App } from '../routing.js'
import type { Service } from '../service.js'

const Health = Type.Object({ status: Type.Literal('ok') })

/** For those who watch over the service. They tell nothing but whether it works. */
export function healthRoutes(app: App, { sessions, metrics }: Service): void {
  app.get(
    '/healthz',
    {
      config: { scope: 'open' },
      schema: { summary: 'Whether the process is alive', security: [], response: { 200: Health } },
    },
    async () => ({ status: 'ok' as const }),
  )

  app.get(
    '/readyz',
    {
      config: { scope: 'open' },
      schema: {
        summary: 'Whether the database can be reached, and has the schema of this version',
        security: [],
        response: { 200: Health },
      },
    },
    async () => {
      const isReady = await sessions.use(isMigrated).catch(() => false)
      if (!isReady) throw notReady()
      return { status: 'ok' as const }
    },
  )

  app.get(
    '/metrics',
    {
      config: { scope: 'read' },
      schema: {
        summary: "Metrics in Prometheus' text format",
        response: { 200: { content: { [CONTENT_TYPE]: { schema: Type.String() } } } },
      },
    },
    async (_, reply) => {
      reply.type(CONTENT_TYPE).serializer((text) => text as string)
      return await metrics.text()
    },
  )
}

function notReady(): DasyError {
  return new DasyError('CONNECTION_FAILED', 'not ready', { exitStatus: EXIT.unreachable })
}
