import { parentPort, workerData } from 'node:worker_threads'
import { onStatement } from '../db/trace.js'
import { type Reply, type Request, toPlain, type WorkerData } from './protocol.js'
import { ReconnectingLoader } from './reconnecting-loader.js'

/**
 * The program of a worker thread: one connection, one staging table, one range after the other. It starts while the main
 * thread connects, and connects while the main thread prepares the sources. It answers each `begin` and `load`.
 */

const port = parentPort as NonNullable<typeof parentPort>
const { ordinal, isTraced } = workerData as WorkerData
const loader = new ReconnectingLoader(ordinal)
if (isTraced) onStatement((statement) => port.postMessage({ type: 'statement', statement } satisfies Reply))

async function handle(request: Request): Promise<Reply | undefined> {
  switch (request.type) {
    case 'connect':
      loader.connect(request.connection)
      return undefined
    case 'begin':
      await loader.begin(request.plan)
      return { type: 'ready' }
    case 'load':
      return { type: 'done', loaded: await loader.load(request.range), block: request.range.block }
    case 'end':
      await loader.close()
      port.close()
      return undefined
  }
}

/** The memory that a reply transfers instead of copying it. */
function blockOf(reply: Reply): ArrayBuffer[] {
  return reply.type === 'done' && reply.block ? [reply.block.buffer as ArrayBuffer] : []
}

// Requests are handled one after the other, in the order of their arrival.
let last: Promise<void> = Promise.resolve()
port.on('message', (request: Request) => {
  last = last
    .then(() => handle(request))
    .then(
      (reply) => {
        if (reply) port.postMessage(reply, blockOf(reply))
      },
      (error) => port.postMessage({ type: 'failed', error: toPlain(error) } satisfies Reply),
    )
})
