import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import swagger from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { Ajv } from 'ajv'
import fastify from 'fastify'
import { DasyError } from '../base/errors.js'
import { ownVersion } from '../base/package.js'
import type { Scope } from '../contract/service-options.js'
import { Authentication } from './authentication.js'
import { problemOf } from './problem.js'
import { healthRoutes } from './routes/health.js'
import { sessionRoutes } from './routes/session.js'
import { tokenRoutes } from './routes/tokens.js'
import type { App, Routes } from './routing.js'
import type { Service } from './service.js'
import type { Tls } from './tls.js'

/** In the order in which they are documented. */
const ROUTES: readonly Routes[] = [sessionRoutes, tokenRoutes, healthRoutes]

/** Of JSON. */
const MOST_BODY = 16 * 1024 * 1024

export interface Listening {
  readonly tls: Tls | undefined
  readonly trustProxy: string | undefined
}

/** The service without its address. */
export async function createApp(service: Service, { tls, trustProxy }: Listening): Promise<App> {
  const app = fastify({
    ...(tls && { https: tls as never }),
    trustProxy: trustProxy ?? false,
    bodyLimit: MOST_BODY,
    // Whoever sends nothing for so long has gone away.
    connectionTimeout: 120_000,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 64 * 1024, caseSensitive: true },
    exposeHeadRoutes: false,
    // The event loop has nothing else to do with a body that cannot be parsed.
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
  }).withTypeProvider<TypeBoxTypeProvider>() as unknown as App
  validate(app)
  answerProblems(app, service)
  const authentication = new Authentication(service)
  await app.register(cookie)
  await app.register(helmet, headersOf(service))
  await app.register(swagger, { openapi: documentOf(service) })
  app.addHook('onSend', async (_, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  })
  app.decorateRequest('credential', null)
  requireScopes(app, authentication)
  for (const routes of ROUTES)
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
    if (problem.status === 500)
      note(`${request.method} ${request.routeOptions.url ?? ''}: ${(error as Error).stack ?? error}`)
    // What was begun cannot become an answer of another kind.
    if (reply.raw.headersSent) return void reply.raw.destroy()
    return reply
      .code(problem.status)
      .headers(headers)
      .type('application/problem+json')
      .send(JSON.stringify(problem))
  })
  app.setNotFoundHandler(({ method, url }) => {
    throw new DasyError('NOT_FOUND', `there is no ${method} ${url.split('?')[0]}`, {
      hint: 'See /v1/openapi.json.',
    })
  })
}

/** No route is open by mistake: each says what it needs. */
function requireScopes(app: App, authentication: Authentication): void {
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.scope === undefined) throw new Error(`${method} ${url} has no scope`)
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

function documentOf(service: Service): object {
  return {
    openapi: '3.1.0',
    info: { title: 'dasy', description: 'Loads CSV files into PostgreSQL', version: ownVersion() },
    servers: [{ url: service.url() }],
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        basic: { type: 'http', scheme: 'basic' },
      },
    },
    security: [{ bearer: [] }, { basic: [] }],
  }
}
