import type { AddressInfo } from 'node:net'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DasyError, EXIT } from '../base/errors.js'
import { type DasyEvent, Events } from '../contract/events.js'
import { requireKnownOptions } from '../contract/known-options.js'
import type { ServeOptions, ServiceNews } from '../contract/service-options.js'
import { badValue, parseSize, wholeNumber } from '../contract/values.js'
import { Database } from '../db/database.js'
import { readEnvironment } from '../db/environment.js'
import { prepare, work } from '../queue/work.js'
import { createApp } from './app.js'
import { Cleaning } from './cleaning.js'
import { firstToken } from './first-token.js'
import type { App } from './routing.js'
import type { Service } from './service.js'
import { Sessions } from './sessions.js'
import { readTls } from './tls.js'

/** How long requests at work get when the service is asked to stop. */
const STOP_MS = 10_000

const DEFAULTS = { port: 8080, host: '127.0.0.1', maxUpload: '10GiB' } as const

/**
 * Serves dasy over HTTP, until the signal is aborted.
 * @throws DasyError PORT_IN_USE, LISTEN_FAILED, TLS_UNREADABLE, and if the database cannot be reached at the beginning
 */
export async function serve(options: ServeOptions = {}): Promise<void> {
  requireKnownOptions('serve', options)
  const { onEvent, onServiceEvent } = options
  const stopping = new AbortController()
  const stop = (): void => stopping.abort()
  if (options.signal?.aborted) stop()
  options.signal?.addEventListener('abort', stop, { once: true })
  const tell = (news: ServiceNews): void => onServiceEvent?.({ ...news, timestamp: new Date().toISOString() })
  const { note } = new Events(onEvent)
  const { port, host } = addressOf(options)
  const tls = options.tls && readTls(options.tls)
  const maxUpload = parseSize(options.maxUpload ?? DEFAULTS.maxUpload)
  if (!(maxUpload > 0))
    throw badValue('--max-upload', options.maxUpload, 'must be a size, such as 500MB or 10GiB')

  await using database = await Database.open(options)
  const { signal } = stopping
  const isReady = await prepare(database, signal).catch((error) => {
    if (!signal.aborted) throw error
    return false
  })
  if (!isReady) return
  await using sessions = new Sessions(database)
  let url = publicUrl(options.publicUrl) ?? ''
  const service: Service = {
    database,
    sessions,
    config: options.config,
    home: resolve(readEnvironment().DASY_HOME || '.dasy'),
    maxUpload,
    allowPrivate: options.allowPrivate ?? [],
    url: () => url,
    isSecure: tls !== undefined || url.startsWith('https:'),
    note,
    stopping: signal,
  }
  const app = await createApp(service, { tls, trustProxy: options.trustProxy })
  const listened = await listen(app, host, port, tls !== undefined)
  if (url === '') url = listened
  const { pid } = process
  const first = await sessions.use((session) =>
    firstToken(session, service.home, options.showsToken ?? false),
  )
  tell({ type: 'serve.started', data: { url, pid, ...first } })
  await using cleaning = new Cleaning(service)
  const worker = work({ ...workOptions(options), onQueueEvent: cleaning.soon, signal }).then(() => {})
  const closed = untilAborted(signal).then(() => close(app))
  try {
    await worker
  } finally {
    stop()
    options.signal?.removeEventListener('abort', stop)
    await closed
    tell({ type: 'serve.stopped', data: { pid } })
  }
}

function workOptions({
  databaseUrl,
  concurrency,
  allowPrivate,
  work: mayWork,
  onEvent,
}: ServeOptions): Parameters<typeof work>[0] {
  // The progress of loads is told to those who ask for it.
  const onNote = onEvent && ((event: DasyEvent) => event.type === 'note' && onEvent(event))
  const allowPrivateUrls = allowPrivate?.includes('urls')
  const allowPrivateWebhooks = allowPrivate?.includes('webhooks')
  // Without loads it still sends what webhooks are told.
  const onlySends = mayWork === false
  const may = { allowPrivateUrls, allowPrivateWebhooks, onlySends }
  return { databaseUrl, concurrency, ...may, onEvent: onNote as typeof onEvent }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function addressOf({ port = DEFAULTS.port, host = DEFAULTS.host }: ServeOptions) {
  return { port: wholeNumber('--port', port, 0, 65_535), host }
}

/** @throws DasyError BAD_OPTION */
function publicUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const isUrl = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)
  const { origin, pathname } = isUrl ? new URL(text) : { origin: '', pathname: '' }
  if (isUrl && pathname === '/') return origin
  throw badValue('--public-url', text, 'must be an http or https address without a path')
}

/** @returns the address at which it listens */
async function listen(app: App, host: string, port: number, isSecure: boolean): Promise<string> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    throw listenFailed(error as NodeJS.ErrnoException, host, port)
  }
  const { port: taken } = app.server.address() as AddressInfo
  const name = isIP(host) === 6 ? `[${host}]` : host
  return `${isSecure ? 'https' : 'http'}://${name}:${taken}`
}

function listenFailed(error: NodeJS.ErrnoException, host: string, port: number): DasyError {
  const details = { host, port }
  if (error.code === 'EADDRINUSE')
    return new DasyError('PORT_IN_USE', `port ${port} of ${host} is in use`, {
      hint: 'Name another with --port, or let the system choose: --port 0',
      details,
    })
  return new DasyError('LISTEN_FAILED', `cannot listen on ${host}, port ${port}: ${error.message}`, {
    hint: 'Check --host and --port.',
    exitStatus: EXIT.failed,
    details,
  })
}

/** Lets requests at work end, but not for ever. */
async function close(app: App): Promise<void> {
  const closed = app.close()
  const isClosed = await Promise.race([closed.then(() => true), sleep(STOP_MS, false, { ref: false })])
  if (isClosed) return
  app.server.closeAllConnections()
  await closed
}
