import pLimit from 'p-limit'
import { type Static, Type } from 'typebox'
import { inspectOpened } from '../../api/inspect.js'
import { withDataset } from '../../config/with-dataset.js'
import type { Credential } from '../../ledger/tokens.js'
import { openClientSource } from '../enqueue-load.js'
import { InspectBody, toLoadOptions, type WantedLoad } from '../load-options.js'
import { namedSource } from '../named-source.js'
import type { App } from '../routing.js'
import type { Service } from '../service.js'
import { whenLeft } from '../streamed-answer.js'
import type { Uploads } from '../uploads.js'

/** Inspections at a time: each keeps a processor busy. */
const AT_A_TIME = 1

/** As `dasy inspect --json`. */
export function inspectRoutes(uploads: Uploads) {
  return (app: App, service: Service): void => {
    const limit = pLimit(AT_A_TIME)
    app.post(
      '/v1/inspect',
      {
        config: { scope: 'write' },
        schema: {
          tags: ['runs'],
          summary: 'What a load of an upload or a URL would find, without loading it',
          body: InspectBody,
          response: { 200: Type.Object({}, { additionalProperties: true, title: 'Inspection' }) },
        },
      },
      async (request, reply) => {
        const body = request.body as Static<typeof InspectBody>
        const source = await namedSource(uploads, body, request.credential as Credential)
        const { url, upload, ...wanted } = body
        const { dataset } = wanted
        const given = toLoadOptions(wanted as WantedLoad)
        const options =
          dataset === undefined ? given : await withDataset([], given, { config: service.config, dataset })
        const signal = AbortSignal.any([whenLeft(reply), service.stopping])
        return await limit(() =>
          inspectOpened((settings, caller) => openClientSource(service, source, settings, caller), {
            ...options,
            signal,
          }),
        )
      },
    )
  }
}
