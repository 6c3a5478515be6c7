// A server with PostgreSQL's own defaults, as initdb leaves it: nothing is set but where it listens.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, open, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { serverIdentity } from '../../dist/db/embedded/identity.js'
import { run } from '../../dist/db/embedded/run.js'

const PATIENCE_MS = 60_000

/**
 * Text is compared by its bytes and not by the machine's language, so that figures of two machines can be compared.
 * @param {string} folder the bench's own, in which a folder is made
 * @param {string} programs where initdb and postgres are
 * @returns {Promise<import('./index.mjs').Server>}
 */
export async function startCluster(folder, programs) {
  const as = await serverIdentity(undefined)
  const own = join(folder, 'cluster')
  const data = join(own, 'data')
  await rm(own, { recursive: true, force: true }) // of a server that did not start
  await mkdir(own)
  if (as) {
    await chmod(folder, 0o711) // the server's user must reach its folder
    await chown(own, as.uid, as.gid)
  }
  const options = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  const made = await run(join(programs, 'initdb'), options, { as })
  if (!made.ok) throw new Error(`initdb failed: ${made.output}`)

  const port = await freePort()
  const log = join(own, 'log')
  const server = await spawnServer(join(programs, 'postgres'), { data, port, log, as })
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`
  const destroy = async () => {
    await stop(server)
    await rm(own, { recursive: true, force: true })
  }
  try {
    await untilReady(url, server)
    return { url, log, destroy }
  } catch (error) {
    await destroy()
    throw error
  }
}

/** @param {string} program @param {{ data: string, port: number, log: string, as: { uid: number, gid: number } | undefined }} options */
async function spawnServer(program, { data, port, log, as }) {
  const file = await open(log, 'a')
  const where = { listen_addresses: '127.0.0.1', port, unix_socket_directories: '' }
  const set = Object.entries(where).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  // In a session of its own, so that Ctrl-C stops the bench first and the bench the server.
  const options = {
    cwd: data,
    stdio: /** @type {any} */ (['ignore', file.fd, file.fd]),
    detached: true,
    ...as,
  }
  const server = spawn(program, ['-D', data, ...set], options)
  await file.close()
  return server
}

/** @param {string} url @param {import('node:child_process').ChildProcess} server */
async function untilReady(url, server) {
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(50)) {
    const client = new pg.Client(url)
    try {
      await client.connect()
      await client.end()
      return
    } catch (error) {
      if (server.exitCode !== null || Date.now() > deadline) throw error
    }
  }
}

/** "Fast": sessions end, data is written. @param {import('node:child_process').ChildProcess} server */
async function stop(server) {
  if (server.exitCode !== null || server.signalCode !== null) return
  const ended = once(server, 'exit')
  server.kill('SIGINT')
  await ended
}

/** @returns {Promise<number>} */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  server.close()
  return port
}
