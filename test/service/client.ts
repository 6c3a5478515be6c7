import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { createClient } from '@hey-api/openapi-ts'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { build } from 'esbuild'
import type { Test } from 'tap'
import { folder } from '../support/files.js'
import type { Served } from './served.js'

interface Response200 {
  readonly data: never
  readonly error: unknown
  readonly response: Response
}

/** A function of the generated client, one for each operation. */
type Call = (options?: object) => Promise<Response200>

interface Document {
  readonly paths: Record<string, Record<string, { readonly responses: Record<string, Answer> }>>
}

interface Answer {
  readonly content?: Record<string, { readonly schema?: object }>
}

export interface GeneratedClient {
  /** The data of an answer; it fails if the answer is an error, or is not as the document says. */
  readonly call: <Value = Record<string, unknown>>(name: string, options?: object) => Promise<Value>
  readonly full: Record<string, Call>
}

/** A client that a package generates from the OpenAPI document of the service: what it cannot do, the document does not say. */
export async function generatedClient(t: Test, served: Served): Promise<GeneratedClient> {
  const document = await served.json<Document>('GET', '/v1/openapi.json')
  const home = folder(t)
  const input = join(home, 'openapi.json')
  writeFileSync(input, JSON.stringify(document))
  await createClient({
    input,
    output: { path: join(home, 'client') },
    logs: { level: 'silent', file: false },
  })
  const entry = `export * from './client/index.js'\nexport { client } from './client/client.gen.js'\n`
  const outfile = join(home, 'client.mjs')
  const stdin = { contents: entry, resolveDir: home }
  await build({ stdin, bundle: true, format: 'esm', platform: 'node', outfile, logLevel: 'silent' })
  const { client, ...full } = await import(pathToFileURL(outfile).href)
  client.setConfig({
    baseUrl: served.url,
    auth: ({ scheme }: { scheme: string }) => (scheme === 'bearer' ? served.token : undefined),
  })
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  client.interceptors.response.use(async (response: Response, request: Request, { url }: { url: string }) => {
    const method = request.method.toLowerCase()
    const said = document.paths[url]?.[method]?.responses[response.status]
    if (response.ok) t.ok(said, `${method} ${url}: ${response.status} is documented`)
    const schema = said?.content?.['application/json']?.schema
    if (!schema || !response.headers.get('content-type')?.startsWith('application/json')) return response
    const isValid = ajv.validate(schema, await response.clone().json())
    t.ok(isValid, `${method} ${url}: the answer is as documented`, { errors: ajv.errors })
    return response
  })
  const call = async (name: string, options?: object) => {
    const { data, error, response } = await (full[name] as Call)(options)
    if (error) throw new Error(`${name}: ${response?.status} ${JSON.stringify(error)}`)
    return data
  }
  return { call, full }
}
