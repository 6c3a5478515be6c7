import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { COMMAND } from './cli.js'
import { folder } from './files.js'
import { TestRun } from './test-run.mjs'

/** A dasy that a test does something to while it runs: interrupts, kills, runs as another user, on a terminal. */

/** A command that goes on for longer is killed, and the test learns of it by its ending. */
const LIMIT_MS = 300_000

export interface User {
  readonly uid: number
  readonly gid: number
}

/** An ordinary user where the tests run as root, who may read everything; else nobody else. */
export const ordinaryUser: User | undefined =
  process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined

export interface StartOptions {
  /** Added to a clean environment. */
  env?: Record<string, string> | undefined
  cwd?: string | undefined
  as?: User | undefined
  /** A command that runs it: `unshare …`. */
  within?: readonly string[] | undefined
  /** NODE_OPTIONS of its own: those of this process are not passed on. */
  nodeOptions?: string | undefined
  /** How long it may take; by default five minutes. */
  limitMs?: number | undefined
  /** Runs on a terminal of so many columns, which is what standard output then holds. */
  columns?: number | undefined
}

export interface Ending {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export class CliProcess {
  stdout = ''
  stderr = ''
  readonly ended: Promise<Ending>
  readonly #child: ChildProcess
  readonly #ttyFile: string

  private constructor(child: ChildProcess, ttyFile: string) {
    this.#child = child
    this.#ttyFile = ttyFile
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this[name] += text
      })
    }
    child.stdin?.on('error', () => {})
    this.ended = new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (status, signal) => {
        const { stdout, stderr } = this
        resolve({ status, signal, stdout, stderr })
      })
    })
  }

  /** In a process group of its own, which ends with the test at the latest. */
  static start(t: Test, args: readonly string[], options: StartOptions = {}): CliProcess {
    const { PATH = '', HOME = '' } = process.env
    const { columns, within = [] } = options
    const ttyFile = join(folder(t), 'tty')
    const [unset = '', variable = '', ...program] = COMMAND
    const own = options.nodeOptions === undefined ? [] : [`${variable}=${options.nodeOptions}`]
    const plain = [...within, 'env', unset, variable, ...own, ...program, ...args]
    const command = columns === undefined ? plain : onTerminal(columns, args, ttyFile)
    const child = spawn(command[0] as string, command.slice(1), {
      cwd: options.cwd ?? folder(t),
      env: { PATH, HOME, TMPDIR: TestRun.current().temporary, ...options.env },
      stdio: [columns === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: true,
      ...options.as,
    })
    const started = new CliProcess(child, ttyFile)
    const timer = setTimeout(() => started.#signalGroup('SIGKILL'), options.limitMs ?? LIMIT_MS)
    t.teardown(async () => {
      clearTimeout(timer)
      started.#signalGroup('SIGKILL')
      await started.ended
    })
    return started
  }

  get pid(): number {
    return this.#child.pid as number
  }

  get isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  /** As Ctrl-C in a terminal does: to the whole process group. */
  interrupt(): Promise<Ending> {
    this.#signalGroup('SIGINT')
    return this.ended
  }

  /** Types on its terminal. */
  type(text: string): void {
    this.#child.stdin?.write(text)
  }

  /** Makes its terminal wider or narrower. */
  resize(columns: number): void {
    const tty = readFileSync(this.#ttyFile, 'utf8').trim()
    const { status } = spawnSync('stty', ['-F', tty, 'cols', `${columns}`])
    if (status !== 0) throw new Error(`${tty} cannot be resized`)
  }

  /** Sends a signal to the command alone. */
  send(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** `kill -9` of the command alone. */
  kill(): Promise<Ending> {
    this.#child.kill('SIGKILL')
    return this.ended
  }

  /** Closes our ends of its outputs, as `| head -1` does. */
  stopReading(): void {
    this.#child.stdout?.destroy()
    this.#child.stderr?.destroy()
  }

  /** Waits until something holds, while the command goes on. */
  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + LIMIT_MS
    while (!(await holds())) {
      if (this.isOver) throw new Error(`dasy ended before ${what}:\n${this.stdout}\n${this.stderr}`)
      if (Date.now() > deadline) throw new Error(`never ${what}:\n${this.stdout}\n${this.stderr}`)
      await sleep(10)
    }
  }

  #signalGroup(signal: NodeJS.Signals): void {
    const { pid } = this.#child
    if (pid === undefined) return
    try {
      process.kill(-pid, signal)
    } catch {
      // It has ended.
    }
  }
}

/** Whether there is util-linux's `script`, which gives a command a pseudo-terminal. */
export function hasTerminal(): boolean {
  return spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux') ?? false
}

function onTerminal(columns: number, args: readonly string[], ttyFile: string): string[] {
  const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`
  const words = ['env', ...COMMAND, ...args].map(quote)
  const line = `stty cols ${columns} rows 24; tty > ${quote(ttyFile)}; exec ${words.join(' ')}`
  return ['script', '-q', '-e', '-c', line, '/dev/null']
}
