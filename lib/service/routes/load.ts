import { rm } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import multipart from '@fastify/multipart'
import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import { reasonOf } from '../../base/errors.js'
import type { Credential } from '../../ledger/tokens.js'
import type { RunAnswers } from '../await-run.js'
import { type ClientSource, enqueueLoad } from '../enqueue-load.js'
import {
  beginRepeatable,
  findRepeated,
  fingerprintOf,
  type RepeatableRequest,
  remember,
} from '../idempotency.js'
import { LoadBody, LoadQuery, type WantedLoad } from '../load-options.js'
import { namedSource, usage } from '../named-source.js'
import { noteRequest } from '../observed-requests.js'
import { cleanName, receiveFile, tooLarge } from '../received-files.js'
import type { App } from '../routing.js'
import { QueuedRun } from '../schemas/common.js'
import { KnownReceiptSchema } from '../schemas/receipt.js'
import type { Service } from '../service.js'
import type { Uploads } from '../uploads.js'

const JSON_TYPE = 'application/json'

/** Where a load's records come from. */
interface Arrived extends ClientSource {
  /** What distinguishes it from others, for a request that is repeated. */
  readonly identity: object | Uint8Array
  /** Whether the file belongs to this request alone. */
  readonly isOwn: boolean
}

/** A load: of the body, of an upload, or of a URL. */
export function loadRoutes(uploads: Uploads, answers: RunAnswers) {
  return (app: App, service: Service): void => {
    const { sessions, home, maxUpload } = service
    // JSON has options. Anything else is a file, which is read as it comes.
    app.removeContentTypeParser('text/plain')
    app.addContentTypeParser('*', (_, payload, done) => done(null, payload))
    app.register(multipart, { limits: { fileSize: Number.POSITIVE_INFINITY, files: 1, fields: 0, parts: 1 } })

    app.post(
      '/v1/runs',
      {
        config: { scope: 'write' },
        schema: {
          tags: ['runs'],
          summary: 'Load a file: the body, a part of a form, an upload or a URL',
          description:
            'The body is the file itself, of any type, with the options in the query; or a form with a field `file`; or JSON with `url` or `upload`, and the options in it.',
          querystring: LoadQuery,
          headers: Type.Object({
            'idempotency-key': Type.Optional(
              Type.String({
                description: 'The same request, sent again within 24 hours, makes no other run',
              }),
            ),
          }),
          body: { content: { [JSON_TYPE]: { schema: LoadBody } } },
          response: { 200: KnownReceiptSchema, 202: QueuedRun },
        },
      },
      async (request, reply) => {
        const credential = request.credential as Credential
        const { json, wanted } = wantedOf(request)
        using repeatable = beginRepeatable(request)
        const arrived = json ? await named(json, credential) : await received(request, wanted)
        const run = await runOf(arrived, wanted, repeatable, request.id).catch(async (error) => {
          await forget(arrived)
          throw error
        })
        return await answers.send(request, reply, run, wanted.wait)
      },
    )

    /** The run of this request, or of the one that it repeats. */
    async function runOf(
      arrived: Arrived,
      wanted: WantedLoad,
      repeatable: RepeatableRequest | undefined,
      id: string,
    ): Promise<number> {
      const { wait, ...decides } = wanted
      const fingerprint = fingerprintOf([decides, arrived.identity])
      const before = repeatable && (await sessions.use((each) => findRepeated(each, repeatable, fingerprint)))
      if (before !== undefined) {
        await forget(arrived)
        return before
      }
      return await enqueueLoad(service, arrived, wanted, async (session, run) => {
        await noteRequest(session, run, id)
        if (repeatable) await remember(session, repeatable, fingerprint, run)
      })
    }

    async function named(json: Static<typeof LoadBody>, owner: Credential): Promise<Arrived> {
      const source = await namedSource(uploads, json, owner)
      return { ...source, identity: { url: json.url, upload: json.upload }, isOwn: false }
    }

    async function received(request: FastifyRequest, { name }: WantedLoad): Promise<Arrived> {
      if (Number(request.headers['content-length'] ?? 0) > maxUpload) throw tooLarge(maxUpload)
      const { stream, filename } = request.isMultipart() ? await fileOf(request) : bodyOf(request)
      const { path, digest } = await receiveFile(home, stream, maxUpload)
      return { name: cleanName(name ?? filename), path, identity: digest, isOwn: true }
    }
  }
}

async function forget({ path, isOwn }: Arrived): Promise<void> {
  if (isOwn) await rm(path, { force: true })
}

/** The options are in the query, or in a JSON body: what was read as one, and so was checked. */
function wantedOf(request: FastifyRequest): { json?: Static<typeof LoadBody>; wanted: WantedLoad } {
  const query = request.query as WantedLoad
  if (request.mediaType !== JSON_TYPE) return { wanted: query }
  const json = request.body as Static<typeof LoadBody>
  const { url, upload, ...inBody } = json
  return { json, wanted: { ...query, ...inBody } }
}

interface Body {
  readonly stream: Readable
  readonly filename: string | undefined
}

function bodyOf({ body }: FastifyRequest): Body {
  if (body === undefined || body === null) throw usage('there is no file in the body')
  return { stream: body as Readable, filename: undefined }
}

async function fileOf(request: FastifyRequest): Promise<Body> {
  const part = await request.file().catch((error) => {
    // What is no form has an error without a status.
    throw error.statusCode === undefined ? usage(`the form cannot be read: ${reasonOf(error)}`) : error
  })
  if (part === undefined) throw usage('the form has no field "file"')
  if (part.fieldname !== 'file')
    throw usage(`the form has a field "${part.fieldname}"; options are in the query`)
  return { stream: part.file, filename: part.filename }
}
