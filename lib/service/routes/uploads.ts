import { Type } from 'typebox'
import type { Credential } from '../../ledger/tokens.js'
import type { App } from '../routing.js'
import type { Uploads } from '../uploads.js'

const DESCRIPTION = 'By the protocol tus 1.0: https://tus.io/protocols/resumable-upload'

/** The headers say it all. */
const NOTHING = Type.Null()

/** The tus protocol, by its own server library. */
export function uploadRoutes(uploads: Uploads) {
  return (app: App): void => {
    // Otherwise the document leaves out HEAD, which clients need to go on.
    const config = { scope: 'write', swagger: { exposeHeadRoute: true } } as const
    const common = { tags: ['uploads'], description: DESCRIPTION }
    // The library reads the body itself.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_, payload, done) => done(null, payload))

    const beginning = {
      POST: [201, 'Begin an upload'],
      OPTIONS: [204, 'What of the protocol there is'],
    } as const
    for (const [method, [status, summary]] of Object.entries(beginning))
      app.route({
        method,
        url: '/v1/uploads',
        config,
        schema: { ...common, summary, response: { [status]: NOTHING } },
        handler: async (request, reply) => await uploads.answer(request, reply),
      })

    const one = {
      HEAD: [200, 'How far an upload is'],
      PATCH: [204, 'Go on with an upload'],
      DELETE: [204, 'Remove an upload'],
    } as const
    for (const [method, [status, summary]] of Object.entries(one))
      app.route({
        method: method as keyof typeof one,
        url: '/v1/uploads/:id',
        config,
        schema: {
          ...common,
          summary,
          params: Type.Object({ id: Type.String() }),
          response: { [status]: NOTHING },
        },
        handler: async (request, reply) => {
          await uploads.requireOwn(request.params.id, request.credential as Credential)
          await uploads.answer(request, reply)
        },
      })
  }
}
