import { resolve } from 'node:path'
import { DasyError } from '../base/errors.js'
import { FileSource } from './file.js'
import { detectFormat, HEAD_LENGTH, unsupported } from './formats.js'
import type { Growth } from './limits.js'
import { FileOrigin } from './origins/file.js'
import { findFile, openFile } from './origins/open-file.js'
import type { Origin } from './origins/origin.js'
import { PipeOrigin } from './origins/pipe.js'
import type { Source } from './source.js'
import { STANDARD_INPUT, shownName } from './standard-input.js'
import { StreamedSource } from './streamed.js'
import { isUrl } from './url.js'

/** Options for opening a source. */
export interface OpenOptions extends Growth {
  readonly signal?: AbortSignal | undefined
  /** How long to retry a server that does not answer, in milliseconds. */
  readonly retryMs: number
  readonly note?: ((line: string) => void) | undefined
  /** Set if a client of the service has named a URL: whether it may lead to a private address. */
  readonly clientUrls?: { readonly mayBePrivate: boolean } | undefined
}

/**
 * How to open a recorded source again.
 * @param kind as it was recorded
 */
export function clientUrlsOf(kind: string, mayBePrivate: boolean): OpenOptions['clientUrls'] {
  return kind.startsWith('client-http') ? { mayBePrivate } : undefined
}

/**
 * Opens any source: a file, a pipe, `-` for standard input, a URL; in an archive the entry after `#`. The content decides whether it
 * is compressed.
 *
 * @param ordinal its number among the run's sources, from 0
 * @param path its path, if it differs from its name
 * @throws DasyError FILE_NOT_FOUND, FILE_UNREADABLE, NOT_A_FILE, and the errors of URLs and archives
 */
export async function openSource(
  name: string,
  ordinal: number,
  options: OpenOptions,
  path?: string,
): Promise<Source> {
  const { origin, entry } = await openOrigin(name, options, path)
  try {
    return await unpack(origin, entry, ordinal, options)
  } catch (error) {
    await origin.close().catch(() => {})
    throw error
  }
}

interface Opened {
  readonly origin: Origin
  /** The part of the name after `#`. */
  readonly entry: string | undefined
}

async function openOrigin(name: string, options: OpenOptions, path: string | undefined): Promise<Opened> {
  if (name === STANDARD_INPUT)
    return { origin: new PipeOrigin(shownName(name), process.stdin, options.signal), entry: undefined }
  if (isUrl(name) || (path && isUrl(path))) {
    const { HttpOrigin } = await import('./http/origin.js')
    const [url = '', ...entry] = (path ?? name).split('#')
    return {
      origin: await HttpOrigin.open(url, options),
      entry: entry.length > 0 ? entry.join('#') : undefined,
    }
  }
  const whole = path ?? resolve(name)
  const found = await findFile(whole, name)
  const { entry } = found
  const shown = entry === undefined ? name : name.slice(0, -1 - entry.length)
  return { origin: await openFile(shown, found, options.signal), entry }
}

async function unpack(
  origin: Origin,
  entry: string | undefined,
  ordinal: number,
  options: OpenOptions,
): Promise<Source> {
  const streamed = new StreamedSource(ordinal, origin, options)
  const head = await streamed.head(HEAD_LENGTH)
  const foreign = unsupported(head, origin.name)
  if (foreign) throw foreign
  const codec = detectFormat(head)
  if (codec === 'zip') {
    const { ArchiveEntry } = await import('./compressed/archive.js')
    return await withoutForeignFormat(
      new StreamedSource(ordinal, await ArchiveEntry.open(origin, entry), options),
    )
  }
  if (entry !== undefined) throw noArchive(origin.name, entry)
  if (codec) {
    const { decompress } = await import('./compressed/compression.js')
    const apply = (bytes: AsyncIterable<Uint8Array>) => decompress(codec, bytes, origin.name)
    return await withoutForeignFormat(streamed.with({ name: codec, apply }))
  }
  return origin instanceof FileOrigin ? new FileSource(ordinal, origin, options) : streamed
}

/** Decompressed bytes may be in an unsupported format, too. @throws DasyError UNSUPPORTED_FORMAT */
async function withoutForeignFormat(source: Source): Promise<Source> {
  const foreign = unsupported(await source.head(HEAD_LENGTH), source.name)
  if (foreign) throw foreign
  return source
}

function noArchive(name: string, entry: string): DasyError {
  return new DasyError('NOT_AN_ARCHIVE', `${name} is not a ZIP archive, so it has no entry "${entry}"`, {
    hint: `Leave out the part after the "#": ${name}`,
    details: { file: name },
  })
}
