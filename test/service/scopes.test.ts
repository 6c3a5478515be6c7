import t from 'tap'
import { Served } from './served.js'

interface Operation {
  readonly parameters?: readonly { readonly in: string; readonly name: string }[]
  readonly security?: readonly object[]
}

interface Document {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
}

/** What each route needs. A route that is not listed here fails the test: whoever adds one decides it. */
const SCOPES: Readonly<Record<string, 'open' | 'read' | 'write' | 'admin'>> = {
  'post /v1/runs': 'write',
  'get /v1/runs': 'read',
  'get /v1/runs/{run}': 'read',
  'get /v1/runs/{run}/events': 'read',
  'get /v1/runs/{run}/rejects': 'read',
  'get /v1/runs/{run}/changes': 'read',
  'post /v1/runs/{run}/apply': 'write',
  'post /v1/runs/{run}/undo': 'write',
  'post /v1/runs/{run}/resume': 'write',
  'post /v1/runs/{run}/cancel': 'write',
  'post /v1/inspect': 'write',
  'post /v1/uploads': 'write',
  'options /v1/uploads': 'write',
  'head /v1/uploads/{id}': 'write',
  'patch /v1/uploads/{id}': 'write',
  'delete /v1/uploads/{id}': 'write',
  'get /v1/datasets': 'read',
  'get /v1/tables': 'read',
  'get /v1/tables/{table}/aggregates/{column}': 'read',
  'get /v1/tables/{table}/rows': 'read',
  'post /v1/tables/{table}/rows': 'write',
  'delete /v1/tables/{table}/rows': 'admin',
  'get /v1/tables/{table}/rows/{key}': 'read',
  'put /v1/tables/{table}/rows/{key}': 'write',
  'patch /v1/tables/{table}/rows/{key}': 'write',
  'delete /v1/tables/{table}/rows/{key}': 'write',
  'get /v1/tables/{table}/rows/{key}/blame': 'read',
  'get /v1/webhooks': 'admin',
  'post /v1/webhooks': 'admin',
  'get /v1/webhooks/{id}': 'admin',
  'delete /v1/webhooks/{id}': 'admin',
  'post /v1/webhooks/{id}/enable': 'admin',
  'post /v1/webhooks/{id}/rotate': 'admin',
  'post /v1/webhooks/{id}/test': 'admin',
  'get /v1/webhooks/{id}/deliveries': 'admin',
  'post /v1/webhooks/{id}/deliveries/{delivery}/redeliver': 'admin',
  'post /v1/session': 'open',
  'get /v1/session': 'read',
  'delete /v1/session': 'open',
  'get /v1/tokens': 'admin',
  'post /v1/tokens': 'admin',
  'delete /v1/tokens/{name}': 'admin',
  'get /healthz': 'open',
  'get /readyz': 'open',
  'get /metrics': 'read',
  'get /v1/openapi.json': 'read',
  'get /docs': 'read',
  'get /docs/json': 'read',
  'get /docs/static/swagger-ui.css': 'read',
}

const ORDER = ['open', 'read', 'write', 'admin']

t.test('every route, with a token of every scope and without one', async (t) => {
  const served = await Served.of(t)
  const document = await served.json<Document>('GET', '/v1/openapi.json')
  t.equal(document.openapi, '3.1.0')
  const documented = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method} ${path}`),
  )
  t.same(
    documented.filter((route) => !(route in SCOPES)),
    [],
    'each is listed here',
  )
  const hidden = ['get /v1/openapi.json', 'get /docs', 'get /docs/json', 'get /docs/static/swagger-ui.css']
  t.same(
    Object.keys(SCOPES).filter((route) => !documented.includes(route)),
    hidden,
    'and each of these is one',
  )

  const tokens = {
    open: null,
    read: await served.tokenOf('read'),
    write: await served.tokenOf('write'),
    admin: served.token,
  }
  for (const [route, scope] of Object.entries(SCOPES)) {
    const [method = '', template = ''] = route.split(' ')
    const path = template.replace('{run}', '999').replace(/\{\w+\}/g, 'none')
    for (const [has, token] of Object.entries(tokens)) {
      const { status } = await served.fetch(method.toUpperCase(), path, { token })
      const isAllowed = ORDER.indexOf(has) >= ORDER.indexOf(scope)
      const refusal = token === null ? 401 : 403
      // The page's sign-in refuses what does not come from the page.
      const page = template === '/v1/session' && method !== 'get' ? 403 : 0
      if (isAllowed) t.ok(![401, 403].includes(status) || status === page, `${route} with ${has}: ${status}`)
      else t.equal(status, refusal, `${route} with ${has}`)
    }
  }
})
