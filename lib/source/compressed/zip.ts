import { crc32, createInflateRaw } from 'node:zlib'
import { DasyError } from '../../base/errors.js'
import type { Origin } from '../origins/origin.js'
import type { Decompressed } from './compression.js'
import { Corruption, intact } from './corruption.js'
import { CHUNK_SIZE, Inflation } from './inflation.js'
import { type FoundEntry, findEntry } from './zip-directory.js'
import type { SeekableOrigin } from './zip-reader.js'

/** A file in a zip archive. */
export interface ZipEntry {
  /** Its path in the archive. */
  readonly name: string
  /** Bytes of text, as the archive states. */
  readonly size: number
  readonly compressedSize: number
  readonly crc: number
  /** Its text from the first byte; each call reads it again. A consumer that stops early must return the iterator. */
  stream(): Decompressed
}

/** Bytes read at a time; one piece is read while the previous one is decompressed. */
const PIECE_SIZE = 1024 * 1024

const STORED = 0
const DEFLATED = 8
const METHODS: Readonly<Record<number, string>> = {
  9: 'Deflate64',
  12: 'bzip2',
  14: 'LZMA',
  93: 'zstd',
  95: 'xz',
  98: 'PPMd',
}

/**
 * Opens a file in a zip archive: the only one, or the named one.
 *
 * @param member its path in the archive, as in `archive.zip#path/in/it.csv`
 * @throws DasyError ZIP_NOT_SEEKABLE, ZIP_SEVERAL_ENTRIES, ZIP_NO_ENTRY, ZIP_ENCRYPTED, UNSUPPORTED_FORMAT,
 * CORRUPT_SOURCE; the stream: CORRUPT_SOURCE
 */
export async function openZip(origin: Origin, member?: string): Promise<ZipEntry> {
  if (!isSeekable(origin)) throw notSeekable(origin)
  const found = await findEntry(origin, member)
  const { name, entry } = found
  const { uncompressedSize: size, compressedSize, crc32: crc, compressionMethod: method } = entry
  if (entry.isEncrypted()) throw encrypted(origin.name, name)
  if (method !== STORED && method !== DEFLATED) throw unknownMethod(origin.name, name, method)
  return { name, size, compressedSize, crc, stream: () => streamOf(origin, found) }
}

function isSeekable(origin: Origin): origin is SeekableOrigin {
  return origin.readAt !== undefined && origin.size !== undefined
}

function streamOf(origin: SeekableOrigin, { name, entry, dataStart }: FoundEntry): Decompressed {
  const compressed = pieces(origin, dataStart, entry.compressedSize)
  const text = entry.compressionMethod === STORED ? new Stored(compressed) : new Deflated(compressed)
  const checked = intact(
    verified(text.text(), entry.uncompressedSize, entry.crc32),
    `${origin.name}#${name}`,
    'Download or create it again; unzip -t tests it.',
  )
  return {
    get compressedBytes() {
      return text.compressedBytes
    },
    [Symbol.asyncIterator]: () => checked,
  }
}

async function* pieces(origin: SeekableOrigin, start: number, length: number): AsyncGenerator<Uint8Array> {
  const end = start + length
  const read = async (from: number) => {
    const piece = Buffer.allocUnsafe(Math.min(PIECE_SIZE, end - from))
    if ((await origin.readAt(piece, from)) < piece.length) throw new Corruption('it ends too early')
    return piece
  }
  let ahead: Promise<Uint8Array> | undefined
  try {
    for (let at = start; at < end; at += PIECE_SIZE) {
      const piece = await (ahead ?? read(at))
      ahead = at + PIECE_SIZE < end ? read(at + PIECE_SIZE) : undefined
      ahead?.catch(() => {}) // the loop's next step reports it
      yield piece
    }
  } finally {
    await ahead?.catch(() => {})
  }
}

/** A stored entry, without compression. */
class Stored {
  readonly #bytes: AsyncIterable<Uint8Array>
  compressedBytes = 0

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#bytes = bytes
  }

  async *text(): AsyncGenerator<Uint8Array> {
    for await (const piece of this.#bytes) {
      this.compressedBytes += piece.length
      yield piece
    }
  }
}

class Deflated {
  readonly #compressed: AsyncGenerator<Uint8Array>
  #inflation: Inflation | undefined

  constructor(compressed: AsyncGenerator<Uint8Array>) {
    this.#compressed = compressed
  }

  get compressedBytes(): number {
    return this.#inflation?.compressedBytes ?? 0
  }

  async *text(): AsyncGenerator<Uint8Array> {
    try {
      this.#inflation = new Inflation(createInflateRaw({ chunkSize: CHUNK_SIZE }), this.#compressed)
      yield* this.#inflation.text()
    } finally {
      await this.#compressed.return(undefined)
    }
  }
}

async function* verified(
  text: AsyncIterable<Uint8Array>,
  size: number,
  crc: number,
): AsyncGenerator<Uint8Array> {
  let length = 0
  let checksum = 0
  for await (const chunk of text) {
    length += chunk.length
    if (length > size) throw new Corruption(`it is longer than the ${size} bytes that the archive states`)
    checksum = crc32(chunk, checksum)
    yield chunk
  }
  if (length < size) throw new Corruption(`it is shorter than the ${size} bytes that the archive states`)
  if (checksum !== crc) throw new Corruption('its checksum is wrong')
}

function notSeekable({ name, kind }: Origin): DasyError {
  const [why, hint] =
    kind === 'http'
      ? [
          'its server does not support ranges',
          'Download it first, for example with curl -O, then load the file.',
        ]
      : ['a pipe cannot be read from its end', 'Extract it first: unzip -p FILE | dasy ingest -']
  return new DasyError(
    'ZIP_NOT_SEEKABLE',
    `${name} is a zip archive, whose directory is at its end: ${why}`,
    {
      hint,
      details: { file: name },
    },
  )
}

function encrypted(file: string, entry: string): DasyError {
  return new DasyError('ZIP_ENCRYPTED', `${file}#${entry} is encrypted`, {
    hint: `Decrypt it first: unzip -p ${file} '${entry}' | dasy ingest -`,
    details: { file, entry },
  })
}

function unknownMethod(file: string, entry: string, method: number): DasyError {
  const name = METHODS[method] ?? `method ${method}`
  return new DasyError('UNSUPPORTED_FORMAT', `${file}#${entry} is compressed by ${name}, not by deflate`, {
    hint: `Extract it first: 7z x -so ${file} '${entry}' | dasy ingest -`,
    details: { file, entry, format: name, method },
  })
}
