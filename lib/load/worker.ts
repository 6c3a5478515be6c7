import { parentPort, workerData } from 'node:worker_threads'
import { Session } from '../db/session.js'
import { openReader, type RangeReader } from '../source/reader.js'
import { Loader } from './loader.js'
import { type Reply, type Request, toPlain, type WorkerSettings } from './protocol.js'

/**
 * A worker's thread: one connection, one staging table, ranges as they come. It connects at once, while the
 * main thread still plans, and answers every range with what became of it.
 */

const { ordinal, connection } = workerData as WorkerSettings
const port = parentPort as NonNullable<typeof parentPort>

const session = Session.open(connection, `dasy worker ${ordinal}`)
session.catch(() => {}) // reported by the first range

let readers: RangeReader[] = []
let loader: Loader | undefined

async function handle(request: Request): Promise<Reply | undefined> {
  switch (request.type) {
    case 'begin': {
      readers = request.plan.sources.map(openReader)
      await (await session).run('SET synchronous_commit = off')
      loader = new Loader(await session, request.plan, readers, ordinal)
      return undefined
    }
    case 'load':
      return { type: 'done', loaded: await (loader as Loader).load(request.range) }
    case 'end': {
      for (const reader of readers) reader.close()
      await session.then((open) => open.close()).catch(() => {})
      port.close()
      return undefined
    }
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
