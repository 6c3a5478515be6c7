import { spawn } from 'node:child_process'
import { open, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Cluster } from './cluster.js'
import { openLog } from './files.js'
import type { Site } from './folders.js'
import { Postmaster } from './postmaster.js'
import { environment } from './run.js'
import { settings } from './settings.js'

const LOG_LIMIT_BYTES = 1 << 20

/**
 * A server that takes longer than this to start is most likely recovering from a crash. That may take any time, so there is no
 * limit: the server will accept connections or end.
 */
const SLOW_MS = 3_000

/** In bytes. The path of a socket may have 103 on macOS and 107 on Linux; PostgreSQL appends a file name to the folder. */
const SOCKET_FOLDER_LIMIT = 103 - '/.s.PGSQL.65535'.length

/**
 * Starts the server of a site, and returns when it accepts connections.
 * @returns why the server ended instead, if so. One reason is that another command has started it: PostgreSQL allows only one
 *   server for one data directory.
 */
export async function startServer(site: Site, note: (line: string) => void): Promise<string | undefined> {
  const cluster = new Cluster(site.cluster)
  const postmaster = new Postmaster(cluster)
  await postmaster.removeStaleFile()
  const log = await openLog(cluster.log, LOG_LIMIT_BYTES)
  try {
    const port = await freePort()
    // Detached, in a session of its own, because Ctrl-C in the terminal must not stop the server, which other commands
    // may use. The server may outlive this process.
    const server = spawn(site.binaries.postgres, serverArguments(cluster.data, port), {
      cwd: cluster.data,
      env: environment(),
      stdio: ['ignore', log.file.fd, log.file.fd],
      detached: true,
      windowsHide: true,
      ...site.as,
    })
    let ended: string | undefined
    server.once('error', (error) => {
      ended = error.message
    })
    server.once('exit', (code, signal) => {
      ended = `it ended with ${signal ?? `status ${code}`}`
    })
    server.unref()

    const slow = setTimeout(
      () => note('PostgreSQL is still starting: after a crash it first recovers committed data'),
      SLOW_MS,
    )
    try {
      while (ended === undefined) {
        const instance = await postmaster.instance()
        if (instance?.pid === server.pid && instance?.status === 'ready')
          return void (await removeStaleSockets(cluster.data, port))
        await sleep(10)
      }
    } finally {
      clearTimeout(slow)
    }
    return `${ended}\n${await tail(cluster.log, log.start)}`.trim()
  } finally {
    await log.file.close()
  }
}

function serverArguments(data: string, port: number): string[] {
  const set = { ...settings(), port: String(port), unix_socket_directories: socketFolder(data) }
  return ['-D', data, ...Object.entries(set).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
}

/**
 * The folder of the server's socket: the data directory. dasy connects by this socket because no other server can listen on
 * it, not even after a crash or in another container that shares the folder. Other programs use TCP on the loopback address,
 * and so does dasy if the path is too long for a socket.
 */
function socketFolder(data: string): string {
  if (process.platform === 'win32' || Buffer.byteLength(data) > SOCKET_FOLDER_LIMIT) return ''
  return `"${data.replaceAll('"', '""')}"` // the setting is a list of paths, which may be quoted
}

/** Finds a free port. If another program takes it first, the server ends, and the next start uses another port. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** Removes the sockets of servers that were killed. */
async function removeStaleSockets(data: string, port: number): Promise<void> {
  const own = `.s.PGSQL.${port}`
  for (const name of await readdir(data)) {
    if (name.startsWith('.s.PGSQL.') && name !== own && name !== `${own}.lock`)
      await rm(join(data, name), { force: true })
  }
}

/** The end of the log (at most 2000 bytes), from the offset `start` on. */
async function tail(path: string, start: number): Promise<string> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const from = Math.max(start, size - 2000)
    const { buffer } = await file.read({ position: from, buffer: Buffer.alloc(Math.max(0, size - from)) })
    return buffer.toString().trim()
  } finally {
    await file.close()
  }
}
