import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import type { Test } from 'tap'
import { COMMAND } from '../support/cli.js'
import { TestRun } from '../support/test-run.mjs'

/** In it, a folder of the host lies under the path that all hosts have. $1: the folder; $2: the path; $3: the host's name. */
const ENTER = 'mount --bind "$1" "$2" && hostname "$3" && shift 3 && exec env "$@"'

/** A host of its own on this machine: with a name, a network and a folder that the others do not have. Needs root. */
export class Host {
  /** The address of this machine as it sees it. */
  readonly gateway: string
  /** What it alone has under the path that `local` of all hosts names. */
  readonly files: string
  readonly #namespace: string

  private constructor(
    readonly name: string,
    /** A path that each host has, but with files of its own. */
    readonly local: string,
    number: number,
  ) {
    this.#namespace = `dasy${process.pid}${name}`
    this.gateway = `10.213.${number}.1`
    this.files = join(local, '..', `files of ${name}`)
  }

  /** Whether this machine lets the tests make hosts. */
  static get arePossible(): boolean {
    const probe = `dasy${process.pid}`
    if (spawnSync('unshare', ['--mount', '--uts', 'ip', 'netns', 'list']).status !== 0) return false
    if (spawnSync('ip', ['netns', 'add', probe]).status !== 0) return false
    return spawnSync('ip', ['netns', 'delete', probe]).status === 0
  }

  static of(t: Test, name: string, number: number, local: string): Host {
    const host = new Host(name, local, number)
    mkdirSync(host.files)
    mkdirSync(local, { recursive: true })
    const namespace = host.#namespace
    const [outside, inside] = [
      `dq${process.pid % 1_000_000}o${number}`,
      `dq${process.pid % 1_000_000}i${number}`,
    ]
    ip('netns', 'add', namespace)
    // The pair of devices goes with it.
    t.teardown(() => ip('netns', 'delete', namespace))
    ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', inside, 'netns', namespace)
    ip('address', 'add', `${host.gateway}/30`, 'dev', outside)
    ip('link', 'set', outside, 'up')
    ip('-n', namespace, 'address', 'add', `10.213.${number}.2/30`, 'dev', inside)
    ip('-n', namespace, 'link', 'set', inside, 'up')
    ip('-n', namespace, 'route', 'add', 'default', 'via', host.gateway)
    return host
  }

  /** Runs dasy on it. @returns what it printed @throws if it failed */
  run(args: readonly string[], env: Record<string, string>): Promise<string> {
    const { PATH = '', HOME = '' } = process.env
    const command = ['netns', 'exec', this.#namespace, 'unshare', '--mount', '--uts', 'sh', '-c', ENTER, 'sh']
    const child = spawn('ip', [...command, this.files, this.local, this.name, ...COMMAND, ...args], {
      cwd: join(this.local, '..'),
      env: { PATH, HOME, TMPDIR: TestRun.current().temporary, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (text) => {
      stdout += text
    })
    child.stderr.on('data', (text) => {
      stderr += text
    })
    return new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (status) =>
        status === 0
          ? resolve(stdout)
          : reject(new Error(`${args.join(' ')} on ${this.name}: status ${status} ${stdout} ${stderr}`)),
      )
    })
  }
}

/** A way from all hosts to a port of this machine. @returns its port */
export async function wayTo(t: Test, port: number): Promise<number> {
  const relay = createServer((socket) => {
    const other = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [socket, other],
      [other, socket],
    ] as const) {
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => to.destroy())
    }
  })
  await new Promise<void>((resolve) => {
    relay.listen(0, '0.0.0.0', resolve)
  })
  t.teardown(() => relay.close())
  return (relay.address() as AddressInfo).port
}

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`)
}
