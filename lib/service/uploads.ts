import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { Server } from '@tus/server'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { DasyError } from '../base/errors.js'
import type { Credential } from '../ledger/tokens.js'
import { problemOf } from './problem.js'
import { uploadsFolder } from './received-files.js'
import type { Service } from './service.js'
import { UploadStore } from './upload-store.js'

/** For how long an upload is kept that nothing uses, in milliseconds. */
export const UNUSED_MS = 24 * 3600 * 1000

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** A complete upload. */
export interface Upload {
  readonly path: string
  /** As its client has named it. */
  readonly name: string | undefined
}

/** The uploads by the tus protocol. Each belongs to the token with which it was begun. */
export class Uploads {
  readonly #store: UploadStore
  readonly #server: Server
  readonly #requests = new WeakMap<IncomingMessage, FastifyRequest>()

  constructor({ home, maxUpload, note }: Service) {
    const directory = uploadsFolder(home)
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    this.#store = new UploadStore({ directory, expirationPeriodInMilliseconds: UNUSED_MS })
    this.#server = new Server({
      path: '/v1/uploads',
      datastore: this.#store,
      maxSize: maxUpload,
      relativeLocation: true,
      // No page of another origin may use it.
      allowedOrigins: [],
      namingFunction: () => randomUUID(),
      // The library would take what follows the last slash of the URL, in the query too, where nobody has asked whose upload it is.
      getFileIdFromRequest: (request) => (this.#received(request)?.params as { id?: string })?.id,
      onUploadCreate: async (request, { metadata }) => {
        const { credential } = this.#received(request) ?? {}
        return { metadata: { ...metadata, owner: String(credential?.token) } }
      },
      // What the protocol does not know may tell of files of the host.
      onResponseError: async (_, error) => {
        if ('status_code' in error) return undefined
        const { problem } = problemOf(error)
        if (problem.status === 500) note(`/v1/uploads: ${error.stack}`)
        return { status_code: problem.status, body: `${problem.detail}\n` }
      },
    })
  }

  /** Lets the library answer a request. */
  async answer(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    this.#requests.set(request.raw, request)
    reply.hijack()
    for (const [name, value] of Object.entries(reply.getHeaders())) reply.raw.setHeader(name, value ?? '')
    await this.#server.handle(request.raw, reply.raw)
  }

  #received({ runtime }: { runtime?: { node?: { req?: object } } }): FastifyRequest | undefined {
    return this.#requests.get(runtime?.node?.req as IncomingMessage)
  }

  /** @throws DasyError UPLOAD_NOT_FOUND if there is none of this owner */
  async requireOwn(id: string, { token }: Credential): Promise<Upload & { readonly isComplete: boolean }> {
    const upload = ID.test(id) ? await this.#store.getUpload(id).catch(() => undefined) : undefined
    if (!upload?.storage || upload.metadata?.owner !== String(token)) throw notFound(id, 'there is no upload')
    const { metadata, offset, size, storage } = upload
    return { path: storage.path, name: metadata?.filename ?? undefined, isComplete: offset === size }
  }

  /** @throws DasyError UPLOAD_NOT_FOUND */
  async requireComplete(id: string, owner: Credential): Promise<Upload> {
    const upload = await this.requireOwn(id, owner)
    if (!upload.isComplete) throw notFound(id, 'not all of it has arrived: upload')
    return upload
  }
}

function notFound(id: string, what: string): DasyError {
  return new DasyError('UPLOAD_NOT_FOUND', `${what} ${id}`, {
    hint: 'An upload that is not used is removed after 24 hours.',
    details: { upload: id },
  })
}
