/** One request to the service, and what can go wrong with it. */

/** An error as the service tells it (RFC 9457), with the code of the command line. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    message: string,
    readonly code: string,
    readonly hint: string | null,
    readonly facts: Readonly<Record<string, unknown>> = {},
  ) {
    super(message)
  }
}

export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>

export interface RequestOptions {
  readonly query?: Query | URLSearchParams | undefined
  /** Sent as JSON. */
  readonly json?: unknown
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly signal?: AbortSignal | undefined
}

/** Without it the service refuses the cookie: no other page can send it. */
export const OWN_PAGE = { 'x-requested-with': 'dasy' } as const

const signedOut = new EventTarget()

/** Calls the listener when the service does not know this browser any more. */
export function onSignedOut(listener: () => void): () => void {
  signedOut.addEventListener('signed-out', listener)
  return () => signedOut.removeEventListener('signed-out', listener)
}

/** @throws Problem */
export async function send(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
  const { query, json, headers, signal } = options
  const response = await fetch(path + searchOf(query), {
    method,
    headers: { ...OWN_PAGE, ...(json !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(json !== undefined && { body: JSON.stringify(json) }),
    ...(signal && { signal }),
  }).catch((error) => {
    throw signal?.aborted ? error : unreachable()
  })
  if (response.ok) return response
  if (response.status === 401 && path !== '/v1/session') signedOut.dispatchEvent(new Event('signed-out'))
  throw await problemIn(response)
}

/** @throws Problem */
export async function request<Value>(method: string, path: string, options?: RequestOptions): Promise<Value> {
  const response = await send(method, path, options)
  const text = await response.text()
  return (text === '' ? undefined : JSON.parse(text)) as Value
}

/** Lines of JSON, as they arrive, until the caller has enough. @throws Problem */
export async function* jsonLines<Value>(path: string, signal?: AbortSignal): AsyncGenerator<Value> {
  const headers = { accept: 'application/x-ndjson' }
  const { body } = await send('GET', path, { headers, signal })
  if (!body) return
  let rest = ''
  for await (const text of body.pipeThrough(new TextDecoderStream()) as never as AsyncIterable<string>) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield JSON.parse(line) as Value
  }
  if (rest !== '') yield JSON.parse(rest) as Value
}

/** Saves an answer as a file. A link could not: it sends no header. @throws Problem */
export async function download(path: string, accept: string, name: string): Promise<void> {
  const response = await send('GET', path, { headers: { accept } })
  const url = URL.createObjectURL(await response.blob())
  const link = Object.assign(document.createElement('a'), { href: url, download: name })
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

/** What was thrown, as a problem that can be shown. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  return new Problem(0, 'Error', error instanceof Error ? error.message : String(error), 'PAGE_FAILED', null)
}

function searchOf(query: RequestOptions['query']): string {
  if (query === undefined) return ''
  const given = query instanceof URLSearchParams ? query : new URLSearchParams(definedOf(query))
  const text = given.toString()
  return text === '' ? '' : `?${text}`
}

function definedOf(query: Query): [string, string][] {
  return Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === null || value === '' ? [] : [[name, String(value)]],
  )
}

function unreachable(): Problem {
  const hint = 'See whether "dasy serve" runs, and try again.'
  return new Problem(0, 'No connection', 'the service does not answer', 'CONNECTION_FAILED', hint)
}

async function problemIn(response: Response): Promise<Problem> {
  const text = await response.text().catch(() => '')
  try {
    const { status, title, detail, code, hint, type, ...facts } = JSON.parse(text)
    return new Problem(status, title, detail, code, hint ?? null, facts)
  } catch {
    return new Problem(response.status, response.statusText || 'Error', text.slice(0, 300), 'HTTP', null)
  }
}
