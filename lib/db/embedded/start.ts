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

const LOG_LIMIT = 1 << 20

/**
 * A server that takes longer than this most likely recovers from a crash. That may take any time, so there is no limit:
 * it will accept connections or end.
 */
const SLOW_MS = 3_000

/** The path of a socket may have 103 bytes on macOS and 107 on Linux; PostgreSQL appends a file name. */
const SOCKET_FOLDER_LIMIT = 103 - '/.s.PGSQL.65535'.length

/**
 * Starts the server of a site, and returns when it accepts connections, or why it ended. One reason is that another
 * command was faster: PostgreSQL allows only one server for one data directory.
 */
export async function startServer(site: Site, note: (line: string) => void): Promise<string | undefined> {
  const cluster = new Cluster(site.cluster)
  const postmaster = new Postmaster(cluster)
  await postmaster.unblock()
  const log = await openLog(cluster.log, LOG_LIMIT)
  try {
    const port = await freePort()
    // In a session of its own: Ctrl-C in the terminal is meant for the command, not for the server, which others
    // may use. It outlives this process, which does not wait for it.
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
      () => note('PostgreSQL is still starting: after a crash it first recovers what was committed'),
      SLOW_MS,
    )
    try {
      while (ended === undefined) {
        const instance = await postmaster.instance()
        if (instance?.pid === server.pid && instance?.status === 'ready')
          return void (await tidy(cluster.data, port))
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
 * dasy's own connections use a socket beside the data, for certainty more than for speed: only this server listens there,
 * even in another container that shares the folder, and no other program can take its place after a crash. Other programs
 * use TCP on the loopback address, and so does dasy if there is no socket.
 */
function socketFolder(data: string): string {
  if (process.platform === 'win32' || Buffer.byteLength(data) > SOCKET_FOLDER_LIMIT) return ''
  return `"${data.replaceAll('"', '""')}"` // the setting is a list, in which a path may be quoted
}

/** A free port. If another program takes it meanwhile, the server ends and the next try uses another. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** Removes sockets of servers that were killed. */
async function tidy(data: string, port: number): Promise<void> {
  const own = `.s.PGSQL.${port}`
  for (const name of await readdir(data)) {
    if (name.startsWith('.s.PGSQL.') && name !== own && name !== `${own}.lock`)
      await rm(join(data, name), { force: true })
  }
}

/** The last lines that were added to the log since `start`. */
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
