import { createCipheriv } from 'node:crypto'
import type { Test } from 'tap'
import { HttpOrigin } from '../../lib/source/http/origin.js'
import type { HttpOptions } from '../../lib/source/http/resource.js'
import type { WebServer } from '../support/http-server.js'

/** What the tests of HttpOrigin share. */

/** Bytes that are the same each time, and nowhere alike. */
export function content(size: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(size))
}

/** An origin that goes with the test. */
export async function opened(
  t: Test,
  server: Pick<WebServer, 'url'>,
  options: Partial<HttpOptions> = {},
): Promise<HttpOrigin> {
  const origin = await HttpOrigin.open(server.url, { retryMs: 10_000, ...options })
  t.teardown(() => origin.close())
  return origin
}

export async function allOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

/** That the bytes are those, without printing millions of them where they are not. */
export function sameBytes(t: Test, found: Uint8Array, wanted: Uint8Array): void {
  t.equal(found.length, wanted.length, 'it is as long as the content')
  t.ok(Buffer.compare(found, wanted) === 0, 'it is the content, byte for byte')
}
