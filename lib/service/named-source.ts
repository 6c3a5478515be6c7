import { DasyError, EXIT } from '../base/errors.js'
import type { Credential } from '../ledger/tokens.js'
import { parseUrl } from '../source/url.js'
import type { ClientSource } from './enqueue-load.js'
import { cleanName } from './received-files.js'
import type { Uploads } from './uploads.js'

/** How JSON names a source. */
export interface SourceNames {
  readonly url?: string
  readonly upload?: string
  readonly name?: string
}

/**
 * The source that a client names: a URL, or an upload of its own.
 * @throws DasyError USAGE, BAD_URL, UPLOAD_NOT_FOUND
 */
export async function namedSource(
  uploads: Uploads,
  { url, upload, name }: SourceNames,
  owner: Credential,
): Promise<ClientSource> {
  if ((url === undefined) === (upload === undefined)) throw usage('the body must have either url or upload')
  if (url !== undefined) {
    const path = parseUrl(url).href
    return { name: path, path }
  }
  const { path, name: given } = await uploads.requireComplete(upload as string, owner)
  return { name: cleanName(name ?? given), path }
}

export function usage(message: string): DasyError {
  return new DasyError('USAGE', message, { hint: 'See /v1/openapi.json.', exitStatus: EXIT.usage })
}
