import { once } from 'node:events'
import copyStreams from 'pg-copy-streams'
import type { Session } from '../db/session.js'
import { traced } from '../db/trace.js'

/**
 * Runs one COPY … FROM STDIN.
 *
 * The chunks go to the socket without being copied. The next one is requested when the kernel has taken the previous
 * one, so a generator may reuse its buffer.
 *
 * @returns the number of rows that COPY loaded
 * @throws DasyError if PostgreSQL refuses the data or the connection fails; the error of `chunks` if that fails. Unless
 *   the connection failed, the session can run the next statement
 */
export function copyInto(session: Session, text: string, chunks: Iterable<Uint8Array>): Promise<number> {
  return traced(text, () => copy(session, text, chunks))
}

async function copy(session: Session, text: string, chunks: Iterable<Uint8Array>): Promise<number> {
  // With a high-water mark of one byte every write waits for the socket.
  const client = await session.clientForCopy()
  const stream = client.query(copyStreams.from(text, { highWaterMark: 1 }))
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
    // If reading the file failed, the COPY must be cancelled. If PostgreSQL or the connection failed, it has ended.
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
