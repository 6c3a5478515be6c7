import { Type } from 'typebox'
import { configuredDatasets } from '../../config/with-dataset.js'
import type { App } from '../routing.js'
import type { Service } from '../service.js'

const Dataset = Type.Object({
  name: Type.String(),
  table: Type.String(),
  key: Type.Array(Type.String()),
})

/** What the configuration describes. */
export function datasetRoutes(app: App, { config: path }: Service): void {
  app.get(
    '/v1/datasets',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['tables'],
        summary: 'The datasets of the configuration',
        response: { 200: Type.Object({ datasets: Type.Array(Dataset) }) },
      },
    },
    async () => ({ datasets: await configuredDatasets(path) }),
  )
}
