import { Type } from 'typebox'
import type { Credential } from '../../ledger/tokens.js'
import type { App } from '../routing.js'
import type { Uploads } from '../uploads.js'

const DESCRIPTION = 'By the protocol tus 1.0: https://tus.io/protocols/resumable-upload'

/** The tus protocol, by its own server library. */
export function uploadRoutes(uploads: Uploads) {
  return (app: App): void => {
    const config = { scope: 'write' } as const
    const common = { tags: ['uploads'], description: DESCRIPTION }
    // The library reads the body itself.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_, payload, done) => done(null, payload))

    app.route({
      method: ['POST', 'OPTIONS'],
      url: '/v1/uploads',
      config,
      schema: { ...common, summary: 'Begin an upload' },
      handler: async (request, reply) => await uploads.answer(request, reply),
    })

    app.route({
      method: ['HEAD', 'PATCH', 'DELETE'],
      url: '/v1/uploads/:id',
      config,
      schema: {
        ...common,
        summary: 'Go on with an upload, see how far it is, or remove it',
        params: Type.Object({ id: Type.String() }),
      },
      handler: async (request, reply) => {
        await uploads.requireOwn(request.params.id, request.credential as Credential)
        await uploads.answer(request, reply)
      },
    })
  }
}
