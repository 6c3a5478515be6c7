import { Type } from 'typebox'
import { deleteCookie, insertCookie, newSecret } from '../../ledger/tokens.js'
import { type Authentication, COOKIE, requireOwnPage } from '../authentication.js'
import type { App } from '../routing.js'
import { NoContent, ScopeName } from '../schemas/common.js'
import type { Service } from '../service.js'

/** For how long a browser is signed in, in seconds. */
const SIGNED_IN = 12 * 3600

/** How the page signs in. */
export function sessionRoutes(app: App, service: Service, authentication: Authentication): void {
  const { sessions, isSecure } = service
  const attributes = { path: '/', httpOnly: true, sameSite: 'strict', secure: isSecure } as const

  app.post(
    '/v1/session',
    {
      config: { scope: 'open' },
      schema: {
        tags: ['tokens'],
        summary: 'Sign in: a cookie in exchange for a token',
        security: [],
        body: Type.Object({ token: Type.String({ maxLength: 200 }) }, { additionalProperties: false }),
        response: { 200: Type.Object({ name: Type.String(), scope: ScopeName }) },
      },
    },
    async (request, reply) => {
      requireOwnPage(request, service.url())
      const { token, name, scope } = await authentication.check(request, request.body.token)
      const secret = newSecret('session')
      await sessions.use((session) => insertCookie(session, token, secret, SIGNED_IN))
      reply.setCookie(COOKIE, secret, { ...attributes, maxAge: SIGNED_IN })
      return { name, scope }
    },
  )

  app.get(
    '/v1/session',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['tokens'],
        summary: 'Who is signed in',
        response: { 200: Type.Object({ name: Type.String(), scope: ScopeName }) },
      },
    },
    async ({ credential }) => ({ name: credential?.name ?? '', scope: credential?.scope ?? 'read' }),
  )

  app.delete(
    '/v1/session',
    {
      config: { scope: 'open' },
      schema: { tags: ['tokens'], summary: 'Sign out', security: [], response: { 204: NoContent } },
    },
    async (request, reply) => {
      requireOwnPage(request, service.url())
      const secret = request.cookies[COOKIE]
      if (secret !== undefined) await sessions.use((session) => deleteCookie(session, secret))
      return reply.clearCookie(COOKIE, attributes).code(204).send(null)
    },
  )
}
