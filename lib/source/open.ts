import { constants, createReadStream, openSync, type Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Socket } from 'node:net'
import { resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { DasyError, reasonOf } from '../base/errors.js'
import { FileSource } from './file.js'
import { detectFormat, HEAD_LENGTH, unsupported } from './formats.js'
import type { Growth } from './limits.js'
import { FileOrigin } from './origins/file.js'
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
  readonly patienceMs: number
  readonly note?: ((line: string) => void) | undefined
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
  const { file, stats, entry } = await findFile(whole, name)
  const shown = entry === undefined ? name : name.slice(0, -1 - entry.length)
  return { origin: await openFile(shown, file, stats, options), entry }
}

interface FoundFile {
  /** Its absolute path. */
  readonly file: string
  readonly stats: Stats | undefined
  readonly entry: string | undefined
}

/** The names of a file and of an entry may both contain "#": the longest path that exists is the file. */
async function findFile(whole: string, name: string): Promise<FoundFile> {
  for (let file = whole; ; file = file.slice(0, file.lastIndexOf('#'))) {
    const stats = await statOf(file, name)
    if (stats) return { file, stats, entry: file === whole ? undefined : whole.slice(file.length + 1) }
    if (file.lastIndexOf('#') < 1) return { file: whole, stats: undefined, entry: undefined }
  }
}

async function openFile(
  name: string,
  path: string,
  stats: Stats | undefined,
  { signal }: OpenOptions,
): Promise<Origin> {
  if (!stats) throw notFound(name)
  try {
    if (stats.isFIFO()) return new PipeOrigin(name, pipeAt(path), signal)
    if (stats.isCharacterDevice()) return new PipeOrigin(name, createReadStream(path), signal)
  } catch (error) {
    throw unreadable(name, error as NodeJS.ErrnoException)
  }
  if (!stats.isFile()) throw notAFile(name)
  return await FileOrigin.open(name, path).catch((error) => {
    throw unreadable(name, error)
  })
}

/** Opens a named pipe without waiting for a writer, because a thread that waits cannot be cancelled. */
function pipeAt(path: string): Readable {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  return new Socket({ fd, readable: true, writable: false })
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

async function statOf(path: string, name: string): Promise<Stats | undefined> {
  return await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw unreadable(name, error)
  })
}

function notFound(name: string): DasyError {
  return new DasyError('FILE_NOT_FOUND', `there is no file ${name}`, {
    hint: 'Check the path; it is relative to the working directory.',
    details: { file: name, errno: 'ENOENT' },
  })
}

function notAFile(name: string): DasyError {
  return new DasyError('NOT_A_FILE', `${name} is neither a file nor a pipe`, {
    hint: 'Name a CSV file, a URL, or - for standard input.',
    details: { file: name },
  })
}

function unreadable(name: string, error: NodeJS.ErrnoException): DasyError {
  if (error.code === 'ENOENT') return notFound(name)
  return new DasyError('FILE_UNREADABLE', `${name} cannot be opened: ${reasonOf(error)}`, {
    hint: 'Check the permissions of the file and of the folders above it.',
    details: { file: name, errno: error.code },
    cause: error,
  })
}

function noArchive(name: string, entry: string): DasyError {
  return new DasyError('NOT_AN_ARCHIVE', `${name} is not a ZIP archive, so it has no entry "${entry}"`, {
    hint: `Leave out the part after the "#": ${name}`,
    details: { file: name },
  })
}
