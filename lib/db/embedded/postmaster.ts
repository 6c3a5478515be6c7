import { readFile, readlink, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { packagedBinaries } from './binaries.js'
import type { Cluster, ServerMark } from './cluster.js'
import { codeOf, inaccessible, serverError } from './errors.js'
import { run } from './run.js'

/** The content of `postmaster.pid`. */
export interface Instance extends ServerMark {
  readonly port: number
  /** The folder of its socket; undefined if it has none. */
  readonly socket: string | undefined
  readonly status: 'starting' | 'ready' | 'stopping'
}

/** The limit for a shutdown, which writes dirty pages and may take long on a slow disk. */
const STOP_MS = 5 * 60_000

/** The main process of a cluster's server, as PostgreSQL's own file postmaster.pid identifies it. */
export class Postmaster {
  private readonly file: string

  constructor(private readonly cluster: Cluster) {
    this.file = join(cluster.data, 'postmaster.pid')
  }

  /** The content of the file; undefined if there is none. A server that was killed leaves it behind. */
  async instance(): Promise<Instance | undefined> {
    const text = await readFile(this.file, 'utf8').catch((cause) => {
      if (codeOf(cause) === 'ENOENT') return ''
      throw inaccessible(this.file, cause)
    })
    const [pid, , started, port, socket, , , status] = text.split('\n').map((line) => line.trim())
    if (!pid || !started || !port) return undefined
    return {
      pid: Number(pid),
      startedAt: new Date(Number(started) * 1000),
      port: Number(port),
      socket: socket || undefined,
      status: status === 'ready' || status === 'stopping' ? status : 'starting',
    }
  }

  /** The server, if its process exists. It need not accept connections. */
  async live(): Promise<Instance | undefined> {
    const instance = await this.instance()
    return instance && (await runsIn(this.cluster.data, instance.pid)) ? instance : undefined
  }

  /**
   * Removes the file of a dead server if another program has its process id now, for example after a reboot. PostgreSQL
   * would take that program for a running server, and not start.
   */
  async removeStaleFile(): Promise<void> {
    const dead = await this.staleInstance()
    if (!dead) return
    // A server that is ending looks the same for a moment, and the next one may already have written the file.
    await sleep(500)
    if (isSame(dead, await this.staleInstance())) await rm(this.file, { force: true })
  }

  /** The server in the file, if another program has its process id. */
  private async staleInstance(): Promise<Instance | undefined> {
    const instance = await this.instance()
    const isStale = instance && isRunning(instance.pid) && !(await runsIn(this.cluster.data, instance.pid))
    return isStale ? instance : undefined
  }

  /**
   * Shuts the server down in mode "fast" (ends all sessions, writes all data) and waits until its process has ended.
   * @returns false if there was no server
   * @throws DasyError EMBEDDED_STOP after five minutes
   */
  async stop(): Promise<boolean> {
    const instance = await this.live()
    if (!instance) return false
    await interrupt(instance.pid)
    const deadline = Date.now() + STOP_MS
    while (isSame(instance, await this.live())) {
      if (Date.now() > deadline) {
        throw serverError(
          'EMBEDDED_STOP',
          `the embedded server (process ${instance.pid}) did not stop within ${STOP_MS / 60_000} minutes`,
          'Try again: dasy db stop',
        )
      }
      await sleep(10)
    }
    // The file is removed a moment before the process ends.
    while ((await runsIn(this.cluster.data, instance.pid)) && Date.now() < deadline) await sleep(5)
    return true
  }
}

function isSame(one: Instance, other: Instance | undefined): boolean {
  return one.pid === other?.pid && one.startedAt.getTime() === other.startedAt.getTime()
}

/** Sends SIGINT. On Windows Node.js cannot do that, but PostgreSQL's pg_ctl can. */
async function interrupt(pid: number): Promise<void> {
  if (process.platform === 'win32') {
    const { postgres } = await packagedBinaries()
    await run(join(dirname(postgres), 'pg_ctl.exe'), ['kill', 'INT', String(pid)])
    return
  }
  try {
    process.kill(pid, 'SIGINT')
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/**
 * Whether this process is the server of this data directory: it has that as its working directory or on its command line. A
 * zombie process has neither.
 */
async function runsIn(data: string, pid: number): Promise<boolean> {
  if (!isRunning(pid)) return false
  if (process.platform === 'win32') return true
  if (process.platform === 'linux') return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === data
  return (await run('ps', ['-o', 'args=', '-p', String(pid)])).output.includes(data)
}
