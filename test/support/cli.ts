import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import root from 'tap'
import { TestRun } from './test-run.mjs'

/** The real binary, as a user's shell would start it. */

const BIN = fileURLToPath(new URL('../../bin/dasy.js', import.meta.url))

/**
 * For `env`. tap puts its hooks into NODE_OPTIONS of every child: they take longer than a short command, and write where
 * another user may not.
 */
export const COMMAND = ['-u', 'NODE_OPTIONS', process.execPath, BIN]

/** Only there to end what hangs. */
const LIMIT_MS = 300_000

export interface CliOptions {
  /** Added to a clean environment: no DATABASE_URL, no PG*, no DASY_*. */
  env?: Record<string, string> | undefined
  /** A temporary folder where nothing is said. */
  cwd?: string | undefined
  /** Standard input; it is closed at once where nothing is said. */
  input?: string | Uint8Array | undefined
  /** Sends a signal after so many milliseconds, or as soon as standard error says so. */
  signal?: { send: NodeJS.Signals; after: number | RegExp } | undefined
  /** Killed and reported then. */
  timeoutMs?: number | undefined
}

export interface CliResult {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  /** Without the lines that tell how far a command is: whether there are any depends on how fast the machine is. */
  readonly stderr: string
  /** The one object on standard output. */
  json<Value = Record<string, unknown>>(): Value
  /** @throws Error with the command, its status and both outputs if it is another */
  expectStatus(status: number): CliResult
}

let somewhere: string | undefined

/** An empty folder for commands that do not care where they run; it goes with the test file. */
function emptyFolder(): string {
  if (somewhere === undefined) {
    const made = mkdtempSync(join(TestRun.current().folder, 'cwd-'))
    root.teardown(() => rmSync(made, { recursive: true, force: true }))
    somewhere = made
  }
  return somewhere
}

/** Runs `dasy …` to its end. Whatever it started in its process group is ended with it. */
export async function dasy(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn('env', [...COMMAND, ...args], {
    cwd: options.cwd ?? emptyFolder(),
    env: { PATH, HOME, TMPDIR: TestRun.current().temporary, ...options.env },
    stdio: 'pipe',
    detached: true, // a process group of its own
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text
    })
  }
  child.stdin.on('error', () => {}) // it may end without reading
  child.stdin.end(options.input)
  if (options.signal) sendLater(child, options.signal, () => output.stderr)

  let late = false
  const timer = setTimeout(() => {
    late = true
    endGroup(child)
  }, options.timeoutMs ?? LIMIT_MS)
  const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('error', reject)
    // Not "exit": the outputs must be complete.
    child.once('close', (...ending) => resolve(ending))
  }).finally(() => {
    clearTimeout(timer)
    endGroup(child)
  })

  const describe = () =>
    `dasy ${args.join(' ')}\nended with ${signal ?? `status ${status}`}\n` +
    `--- standard output\n${output.stdout}\n--- standard error\n${output.stderr}`
  if (late) throw new Error(`took too long: ${describe()}`)
  const result: CliResult = {
    status,
    signal,
    stdout: output.stdout,
    stderr: withoutProgress(output.stderr),
    json<Value>(): Value {
      try {
        return JSON.parse(output.stdout) as Value
      } catch (cause) {
        throw new Error(`not one JSON value: ${describe()}`, { cause })
      }
    },
    expectStatus(expected): CliResult {
      if (status !== expected) throw new Error(`status ${expected} was expected: ${describe()}`)
      return result
    },
  }
  return result
}

/** What is printed every few seconds where standard error is no terminal. */
function withoutProgress(output: string): string {
  return output.replace(/^dasy: [^:\n]*, [^:\n]*(?: so far| left|\d\/s)\n/gm, '')
}

function sendLater(
  child: ChildProcess,
  { send, after }: NonNullable<CliOptions['signal']>,
  said: () => string,
): void {
  if (typeof after === 'number') {
    const timer = setTimeout(() => child.kill(send), after)
    child.once('close', () => clearTimeout(timer))
    return
  }
  let sent = false
  child.stderr?.on('data', () => {
    if (sent || !after.test(said())) return
    sent = true
    child.kill(send)
  })
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody is left in it.
  }
}
