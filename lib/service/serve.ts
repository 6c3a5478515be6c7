import type { AddressInfo } from 'node:net'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { listenFailed } from '../base/listen-failed.js'
import { Events } from '../contract/events.js'
import { requireKnownOptions } from '../contract/known-options.js'
import type { ServeOptions, ServiceNews } from '../contract/service-options.js'
import { badValue, parseSize, wholeNumber } from '../contract/values.js'
import { Database } from '../db/database.js'
import { readEnvironment } from '../db/environment.js'
import { Metrics } from '../observe/metrics.js'
import { logNews } from '../observe/news-log.js'
import { prepare } from '../queue/work.js'
import { createApp } from './app.js'
import { Cleaning } from './cleaning.js'
import { firstToken } from './first-token.js'
import type { App } from './routing.js'
import type { Service } from './service.js'
import { Sessions } from './sessions.js'
import { readTls } from './tls.js'
import { workUntilStopped } from './worker.js'

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
    metrics: new Metrics((work) => sessions.use(work)),
    stopping: signal,
  }
  const app = await createApp(service, { tls, trustProxy: options.trustProxy })
  const listened = await listen(app, host, port, tls !== undefined)
  if (url === '') url = listened
  const closed = untilAborted(signal).then(() => close(app))
  const { pid } = process
  try {
    const first = await sessions.use((session) =>
      firstToken(session, service.home, options.showsToken ?? false),
    )
    tell({ type: 'serve.started', data: { url, pid, ...first } })
    await using cleaning = new Cleaning(service)
    await workUntilStopped(options, signal, (event) => {
      cleaning.soon()
      logNews(event)
    })
  } finally {
    stop()
    options.signal?.removeEventListener('abort', stop)
    await closed
    tell({ type: 'serve.stopped', data: { pid } })
  }
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
    throw listenFailed(error as NodeJS.ErrnoException, host, port, '--port')
  }
  const { port: taken } = app.server.address() as AddressInfo
  const name = isIP(host) === 6 ? `[${host}]` : host
  return `${isSecure ? 'https' : 'http'}://${name}:${taken}`
}

/** Lets requests at work end, but not for ever. */
async function close(app: App): Promise<void> {
  const closed = app.close()
  const isClosed = await Promise.race([closed.then(() => true), sleep(STOP_MS, false, { ref: false })])
  if (isClosed) return
  app.server.closeAllConnections()
  await closed
}
