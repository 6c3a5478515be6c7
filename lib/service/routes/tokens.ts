import { Type } from 'typebox'
import { createTokenIn, revokeTokenIn, tokensIn, wantedToken } from '../../api/tokens.js'
import type { App } from '../routing.js'
import { Nullable, ScopeName } from '../schemas/common.js'
import type { Service } from '../service.js'

const Token = Type.Object({
  name: Type.String(),
  scope: ScopeName,
  createdAt: Type.String({ format: 'date-time' }),
  expiresAt: Nullable(Type.String({ format: 'date-time' })),
  revokedAt: Nullable(Type.String({ format: 'date-time' })),
})

const WantedToken = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    scope: Type.Optional(ScopeName),
    expires: Type.Optional(Type.String({ description: 'How long it is valid: 12h, 90d' })),
  },
  { additionalProperties: false },
)

/** As `dasy token`. */
export function tokenRoutes(app: App, { sessions }: Service): void {
  const config = { scope: 'admin' } as const
  const tags = ['tokens']

  app.get(
    '/v1/tokens',
    {
      config,
      schema: {
        tags,
        summary: 'All tokens, without their secrets',
        response: { 200: Type.Object({ tokens: Type.Array(Token) }) },
      },
    },
    async () => ({ tokens: await sessions.use(tokensIn) }),
  )

  app.post(
    '/v1/tokens',
    {
      config,
      schema: {
        tags,
        summary: 'Make a token; its secret is answered only now',
        body: WantedToken,
        response: { 201: Type.Intersect([Token, Type.Object({ token: Type.String() })]) },
      },
    },
    async ({ body: { name, scope, expires } }, reply) => {
      const wanted = wantedToken(name, { scope, expires })
      const made = await sessions.use((session) => createTokenIn(session, wanted))
      return reply
        .code(201)
        .header('location', `/v1/tokens/${encodeURIComponent(name)}`)
        .send(made)
    },
  )

  app.delete(
    '/v1/tokens/:name',
    {
      config,
      schema: {
        tags,
        summary: 'Revoke a token',
        params: Type.Object({ name: Type.String() }),
        response: { 200: Token },
      },
    },
    async ({ params: { name } }) => await sessions.use((session) => revokeTokenIn(session, name)),
  )
}
