import { fileURLToPath } from 'node:url'
import swaggerUi from '@fastify/swagger-ui'
import { readerDirectory } from '../../base/package.js'
import type { App } from '../routing.js'

/** A reader for the OpenAPI document, which needs styles within its elements. Nothing comes from another host. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"

const NO_LOGO = {
  type: 'image/svg+xml',
  content: '<svg xmlns="http://www.w3.org/2000/svg"/>',
}

/** Runs in the browser: what is tried out there is sent with the cookie of the page. */
const asOwnPage = (request: { headers: Record<string, string> }): object => {
  request.headers['X-Requested-With'] = 'dasy'
  return request
}

export function docsRoutes(app: App): void {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, scope: 'read', isPage: true }
  })
  app.register(swaggerUi, {
    routePrefix: '/docs',
    baseDir: fileURLToPath(readerDirectory),
    logo: NO_LOGO,
    staticCSP: POLICY,
    uiConfig: { validatorUrl: null, requestInterceptor: asOwnPage } as object,
  })
  app.get('/v1/openapi.json', { config: { scope: 'read' }, schema: { hide: true } }, async () =>
    app.swagger(),
  )
}
