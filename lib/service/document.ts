import { ownVersion } from '../base/package.js'

interface Operation {
  requestBody?: { content: Record<string, object> }
}

type Paths = Record<string, Record<string, Operation>>

const FILE = { schema: { type: 'string', format: 'binary' } }
const FORM = {
  schema: { type: 'object', required: ['file'], properties: { file: { type: 'string', format: 'binary' } } },
}

/** Bodies that no schema validates, because they are read as they come. */
const STREAMED: readonly (readonly [path: string, method: string, content: Record<string, object>])[] = [
  ['/v1/runs', 'post', { 'application/octet-stream': FILE, 'multipart/form-data': FORM }],
  ['/v1/uploads/{id}', 'patch', { 'application/offset+octet-stream': FILE }],
]

/** The OpenAPI document, but for what the routes say. */
export function documentOptions(): object {
  return {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'dasy', description: 'Loads CSV files into PostgreSQL', version: ownVersion() },
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer' },
          basic: { type: 'http', scheme: 'basic' },
        },
      },
      security: [{ bearer: [] }, { basic: [] }],
    },
    transformObject: ({ openapiObject }: { openapiObject: { paths: Paths } }) => {
      const { paths } = openapiObject
      for (const [path, method, content] of STREAMED) {
        const operation = paths[path]?.[method]
        if (operation) operation.requestBody = { content: { ...operation.requestBody?.content, ...content } }
      }
      return openapiObject
    },
  }
}
