import { once } from 'node:events'
import copyStreams from 'pg-copy-streams'
import type { Session } from '../db/session.js'
import { traced } from '../db/trace.js'

/**
 * Runs one COPY … FROM STDIN.
 *
 * The chunks are handed to the socket without being copied. Each is awaited until the kernel has taken it, so a
 * generator may fill the same buffer again.
 *
 * @returns rows that COPY loaded
 * @throws DasyError what PostgreSQL has against the data; the session is ready for the next statement then
 */
export function copyInto(session: Session, text: string, chunks: Iterable<Uint8Array>): Promise<number> {
  return traced(text, () => copy(session, text, chunks))
}

async function copy(session: Session, text: string, chunks: Iterable<Uint8Array>): Promise<number> {
  // A high-water mark of one byte: every write waits for the socket.
  const stream = session.client.query(copyStreams.from(text, { highWaterMark: 1 }))
  let refused = false
  const failed = once(stream, 'error').then(([error]) => {
    refused = true
    throw error
  })
  failed.catch(() => {})
  try {
    for (const chunk of chunks) {
      await Promise.race([failed, written(stream, chunk)])
    }
  } catch (error) {
    // Our own failure (the file cannot be read) must cancel the COPY; PostgreSQL's, or that of the connection, has
    // ended it already.
    if (refused) throw session.failure(error)
    stream.destroy(error as Error)
    await failed.catch(() => {})
    throw error
  }
  const finished = once(stream, 'finish')
  stream.end()
  await Promise.race([failed, finished]).catch((error) => {
    throw session.failure(error)
  })
  return stream.rowCount
}

function written(stream: NodeJS.WritableStream, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(chunk as Buffer, (error) => (error ? reject(error) : resolve()))
  })
}
