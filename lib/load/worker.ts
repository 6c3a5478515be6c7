import { parentPort, workerData } from 'node:worker_threads'
import { type Reply, type Request, toPlain, type WorkerSettings } from './protocol.js'
import { SteadyLoader } from './steady-loader.js'

/**
 * A worker's thread: one connection, one staging table, ranges as they come. It connects at once, while the
 * main thread still plans, and answers every request with what became of it.
 */

const { ordinal, connection } = workerData as WorkerSettings
const port = parentPort as NonNullable<typeof parentPort>
const loader = new SteadyLoader(connection, ordinal)

async function handle(request: Request): Promise<Reply | undefined> {
  switch (request.type) {
    case 'begin':
      await loader.begin(request.plan)
      return { type: 'ready' }
    case 'load':
      return { type: 'done', loaded: await loader.load(request.range) }
    case 'end':
      await loader.close()
      port.close()
      return undefined
  }
}

// One request after the other, in the order of their arrival.
let last: Promise<void> = Promise.resolve()
port.on('message', (request: Request) => {
  last = last
    .then(() => handle(request))
    .then(
      (reply) => {
        if (reply) port.postMessage(reply)
      },
      (error) => port.postMessage({ type: 'failed', error: toPlain(error) } satisfies Reply),
    )
})
