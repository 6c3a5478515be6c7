import { readFile, readlink, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { packagedBinaries } from './binaries.js'
import type { Cluster, ServerMark } from './cluster.js'
import { codeOf, inaccessible, serverError } from './errors.js'
import { run } from './run.js'

/** What `postmaster.pid` says about the server. */
export interface Instance extends ServerMark {
  readonly port: number
  /** The folder of its socket; undefined if it has none. */
  readonly socket: string | undefined
  readonly status: 'starting' | 'ready' | 'stopping'
}

/** A shutdown writes dirty pages, which takes time on a slow disk. */
const STOP_MS = 5 * 60_000

/** The main process of a cluster's server, identified by PostgreSQL's own file. */
export class Postmaster {
  private readonly file: string

  constructor(private readonly cluster: Cluster) {
    this.file = join(cluster.data, 'postmaster.pid')
  }

  /** The content of the file. A server that was killed leaves it behind. */
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

  /** The server if its process exists, whether it accepts connections or not. */
  async live(): Promise<Instance | undefined> {
    const instance = await this.instance()
    return instance && (await runsIn(this.cluster.data, instance.pid)) ? instance : undefined
  }

  /**
   * Removes the file of a dead server if another program has its process number now, for example after a reboot:
   * PostgreSQL would take that program for a running server and never start.
   */
  async unblock(): Promise<void> {
    const dead = await this.usurped()
    if (!dead) return
    // A server that is ending looks the same for a moment, and its successor may already have written the file.
    await sleep(500)
    if (isSame(dead, await this.usurped())) await rm(this.file, { force: true })
  }

  private async usurped(): Promise<Instance | undefined> {
    const instance = await this.instance()
    const usurped = instance && isThere(instance.pid) && !(await runsIn(this.cluster.data, instance.pid))
    return usurped ? instance : undefined
  }

  /** Shuts the server down ("fast": sessions end, data is written) and waits until it is gone. */
  async stop(): Promise<boolean> {
    const instance = await this.live()
    if (!instance) return false
    await interrupt(instance.pid)
    const deadline = Date.now() + STOP_MS
    while (isSame(instance, await this.live())) {
      if (Date.now() > deadline) {
        throw serverError(
          'EMBEDDED_STOP',
          `the embedded server (process ${instance.pid}) does not stop`,
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

/** Sends SIGINT. Node.js cannot do that on Windows; PostgreSQL's own tool can. */
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

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}

/**
 * Whether this process is a server of this data directory: it is its working directory, or on its command line. A zombie
 * process is none.
 */
async function runsIn(data: string, pid: number): Promise<boolean> {
  if (!isThere(pid)) return false
  if (process.platform === 'win32') return true
  if (process.platform === 'linux') return (await readlink(`/proc/${pid}/cwd`).catch(() => '')) === data
  return (await run('ps', ['-o', 'args=', '-p', String(pid)])).output.includes(data)
}
