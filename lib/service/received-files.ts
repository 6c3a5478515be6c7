import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { finished, PassThrough, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { DasyError } from '../base/errors.js'

/** Bytes that wait while others are written: then they are written together. With the 16 KiB of Node each piece would wait by itself. */
const WAITING = 1024 * 1024

/** A file that a client has sent. */
export interface ReceivedFile {
  readonly path: string
  /** The SHA-256 of its bytes. */
  readonly digest: Buffer
}

/** The folder of the files that clients have sent. No name in it comes from a client. */
export function uploadsFolder(home: string): string {
  return join(home, 'uploads')
}

/**
 * Writes what a client sends to a new file.
 * @param most bytes
 * @throws DasyError UPLOAD_TOO_LARGE, UPLOAD_BROKEN, DISK_FULL; nothing is left then
 */
export async function receiveFile(home: string, body: Readable, most: number): Promise<ReceivedFile> {
  const folder = uploadsFolder(home)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, randomUUID())
  const hash = createHash('sha256')
  let bytes = 0
  const measured = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      bytes += chunk.length
      if (bytes > most) throw tooLarge(most)
      hash.update(chunk)
      yield chunk
    }
  }
  try {
    await pipeline(
      apart(body, (error) => broken(bytes, error)),
      measured,
      createWriteStream(path, { flags: 'wx', mode: 0o600, highWaterMark: WAITING }),
    )
    return { path, digest: hash.digest() }
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
}

/**
 * The same bytes as another stream. A pipeline that fails destroys what it reads, and of a request that is destroyed the rest cannot be read:
 * its connection would take no other request.
 * @param failed the error if the body does not end as it must
 */
function apart(body: Readable, failed: (cause: unknown) => DasyError): Readable {
  const own = new PassThrough()
  finished(body, (error) => error && own.destroy(failed(error)))
  return body.pipe(own)
}

export function tooLarge(most: number): DasyError {
  return new DasyError('UPLOAD_TOO_LARGE', `an upload can have at most ${most} bytes here`, {
    hint: 'Compress the file (gzip, zstd, zip), or have --max-upload raised.',
    details: { maxUpload: most },
  })
}

function broken(bytes: number, cause: unknown): DasyError {
  return new DasyError('UPLOAD_BROKEN', `the upload broke off after ${bytes} bytes of the file`, {
    hint: 'Send it again, or use /v1/uploads, which goes on where it was.',
    cause,
  })
}

const LONGEST_NAME = 200

/** A name for receipts out of one that a client chose: one line, and nothing that is a path, a URL or standard input. */
export function cleanName(name: string | undefined): string {
  const [last = ''] = (name ?? '').split(/[\\/]/).slice(-1)
  const clean = last
    // Controls, surrogates without a partner, and what changes the direction of text.
    .replace(/[\p{Cc}\p{Cs}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
    .trim()
    .slice(0, LONGEST_NAME)
  return /^(\.{0,2}|-(#.*)?)$/.test(clean) ? 'upload' : clean
}
