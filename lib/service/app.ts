import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { Ajv } from 'ajv'
import fastify, { type FastifyReply, type RouteOptions } from 'fastify'
import { DasyError } from '../base/errors.js'
import type { Scope } from '../contract/service-options.js'
import { Authentication } from './authentication.js'
import { RunAnswers } from './await-run.js'
import { documentOptions } from './document.js'
import { EarlyAnswer } from './early-answer.js'
import { observeRequests, requestId } from './observed-requests.js'
import { type Problem, problemOf } from './problem.js'
import { datasetRoutes } from './routes/datasets.js'
import { docsRoutes } from './routes/docs.js'
import { healthRoutes } from './routes/health.js'
import { inspectRoutes } from './routes/inspect.js'
import { loadRoutes } from './routes/load.js'
import { pageRoutes } from './routes/page.js'
import { rowRoutes } from './routes/rows.js'
import { runActionRoutes } from './routes/run-actions.js'
import { runEventRoutes } from './routes/run-events.js'
import { runRecordRoutes } from './routes/run-records.js'
import { runRoutes } from './routes/runs.js'
import { sessionRoutes } from './routes/session.js'
import { tableRoutes } from './routes/tables.js'
import { tokenRoutes } from './routes/tokens.js'
import { uploadRoutes } from './routes/uploads.js'
import { webhookRoutes } from './routes/webhooks.js'
import type { App, Routes } from './routing.js'
import { RunFeed } from './run-feed.js'
import type { Service } from './service.js'
import { TableRows } from './table-rows.js'
import type { Tls } from './tls.js'
import { Uploads } from './uploads.js'

/** In the order in which they are documented. */
function routesOf(service: Service): readonly Routes[] {
  const feed = new RunFeed(service.sessions, service.stopping)
  const answers = new RunAnswers(service, feed)
  const uploads = new Uploads(service)
  const rows = new TableRows(service)
  return [
    loadRoutes(uploads, answers),
    runRoutes,
    runEventRoutes(feed),
    runRecordRoutes,
    runActionRoutes(answers),
    tableRoutes(rows),
    rowRoutes(rows),
    webhookRoutes,
    inspectRoutes(uploads),
    uploadRoutes(uploads),
    datasetRoutes,
    sessionRoutes,
    tokenRoutes,
    healthRoutes,
    docsRoutes,
    pageRoutes,
  ]
}

const HTTP = {
  // Of the first line and the headers of a request: the key of a row may be 16 KiB of it.
  maxHeaderSize: 64 * 1024,
  ServerResponse: EarlyAnswer,
}

/** Of JSON. */
const MOST_BODY = 16 * 1024 * 1024

export interface Listening {
  readonly tls: Tls | undefined
  readonly trustProxy: string | undefined
}

/** The service without its address. */
export async function createApp(service: Service, { tls, trustProxy }: Listening): Promise<App> {
  const app = fastify({
    ...(tls && { https: { ...tls, ...HTTP } as never }),
    trustProxy: trustProxy ?? false,
    bodyLimit: MOST_BODY,
    // Whoever sends nothing for so long has gone away.
    connectionTimeout: 120_000,
    forceCloseConnections: 'idle',
    http: HTTP,
    routerOptions: { maxParamLength: 64 * 1024, caseSensitive: true },
    exposeHeadRoutes: false,
    genReqId: requestId,
    // Of requests that are not even routed.
    frameworkErrors: (error, _, reply) => {
      const { problem, headers } = problemOf(error)
      sendProblem(reply as unknown as FastifyReply, problem, headers)
    },
    // The event loop has nothing else to do with a body that cannot be parsed.
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
  }).withTypeProvider<TypeBoxTypeProvider>() as unknown as App
  validate(app)
  answerProblems(app, service)
  observeRequests(app, service)
  const authentication = new Authentication(service)
  await app.register(cookie)
  await app.register(helmet, headersOf(service))
  await app.register(swagger, documentOptions() as FastifyDynamicSwaggerOptions)
  app.addHook('onSend', async (_, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  })
  app.decorateRequest('credential', null)
  requireScopes(app, authentication)
  for (const routes of routesOf(service))
    await app.register(async (scope) => routes(scope as unknown as App, service, authentication))
  return app
}

/** Schemas refuse what they do not know. In paths and queries everything is text, which is turned into the schema's types. */
function validate(app: App): void {
  const how = { removeAdditional: false, useDefaults: true, allErrors: false, strict: false } as const
  const ofText = new Ajv({ ...how, coerceTypes: 'array' })
  const ofJson = new Ajv(how)
  app.setValidatorCompiler(({ schema, httpPart }) =>
    (httpPart === 'body' ? ofJson : ofText).compile(schema as object),
  )
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
}

function answerProblems(app: App, { note }: Service): void {
  app.setErrorHandler((error, request, reply) => {
    const { problem, headers } = problemOf(error)
    // A browser asks its user then.
    if (problem.status === 401 && request.routeOptions.config.isPage)
      headers['www-authenticate'] = 'Basic realm="dasy"'
    if (problem.status === 500)
      note(`${request.method} ${request.routeOptions.url ?? ''}: ${(error as Error).stack ?? error}`)
    // What was begun cannot become an answer of another kind.
    if (reply.raw.headersSent) return void reply.raw.destroy()
    return sendProblem(reply, problem, headers)
  })
  app.setNotFoundHandler(({ method, url }) => {
    throw new DasyError('NOT_FOUND', `there is no ${method} ${url.split('?')[0]}`, {
      hint: 'See /v1/openapi.json.',
    })
  })
}

function sendProblem(reply: FastifyReply, problem: Problem, headers: Record<string, string>): FastifyReply {
  return reply
    .code(problem.status)
    .headers(headers)
    .type('application/problem+json')
    .send(JSON.stringify(problem))
}

/** No route is open by mistake: each says what it needs. */
function requireScopes(app: App, authentication: Authentication): void {
  const routes: RouteOptions[] = []
  app.addHook('onRoute', (route) => void routes.push(route))
  app.addHook('onReady', async () => {
    const without = routes.filter(({ config }) => config?.scope === undefined).map(({ url }) => url)
    if (without.length > 0) throw new Error(`routes without a scope: ${without.join(', ')}`)
  })
  app.addHook('onRequest', async (request) => {
    const { scope } = request.routeOptions.config
    if (request.is404 || scope === 'open') return
    request.credential = await authentication.require(request, scope as Scope)
  })
}

function headersOf({ isSecure }: Service): object {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    crossOriginEmbedderPolicy: false,
    frameguard: { action: 'deny' },
    hsts: isSecure,
    referrerPolicy: { policy: 'no-referrer' },
  }
}
