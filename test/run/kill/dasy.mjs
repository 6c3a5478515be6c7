// The real binary, as a shell starts it.
import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const BIN = fileURLToPath(new URL('../../../bin/dasy.js', import.meta.url))
const KILL_WORKER = new URL('./kill-worker.mjs', import.meta.url).href

/** Whether this dasy can go on with a run; before it could, running the command again began anew. */
export const canResume = /^ *dasy resume/m.test(
  spawnSync(process.execPath, [BIN, '--help'], { env: {}, encoding: 'utf8' }).stdout,
)

/**
 * @typedef {object} Ending
 * @property {number | null} status
 * @property {NodeJS.Signals | null} signal
 * @property {string} stdout
 * @property {string} stderr
 * @property {number} seconds since the first signal, or else since it began
 */

export class Dasy {
  #since = performance.now()
  #signalled = false
  over = false
  stdout = ''
  stderr = ''

  /**
   * @param {readonly string[]} args
   * @param {string} cwd
   * @param {Record<string, string>} [env]
   */
  constructor(args, cwd, env = {}) {
    const { PATH = '', HOME = '' } = process.env
    this.args = args
    this.child = spawn(process.execPath, [BIN, ...args], {
      cwd,
      env: { PATH, HOME, NODE_OPTIONS: `--import=${KILL_WORKER}`, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    this.child.stdout.setEncoding('utf8').on('data', (text) => {
      this.stdout += text
    })
    this.child.stderr.setEncoding('utf8').on('data', (text) => {
      this.stderr += text
    })
    /** @type {Promise<Ending>} */
    this.ended = new Promise((resolve, reject) => {
      this.child.once('error', reject)
      this.child.once('close', (status, signal) => {
        this.over = true
        const { stdout, stderr } = this
        resolve({ status, signal, stdout, stderr, seconds: (performance.now() - this.#since) / 1000 })
      })
    })
  }

  /** @param {NodeJS.Signals} signal */
  send(signal) {
    if (!this.#signalled) this.#since = performance.now()
    this.#signalled = true
    if (!this.over) this.child.kill(signal)
  }

  /** Its ending; one that does not end in time is killed. */
  async end(limitMs = 300_000) {
    let late = false
    const timer = setTimeout(() => {
      late = true
      this.child.kill('SIGKILL')
    }, limitMs)
    const ending = await this.ended
    clearTimeout(timer)
    if (late) throw new Error(`it did not end within ${limitMs / 1000} s: ${this.describe(ending)}`)
    return ending
  }

  /** Its ending, which must be a good one. */
  async succeed(limitMs = 300_000) {
    const ending = await this.end(limitMs)
    if (ending.status !== 0) throw new Error(this.describe(ending))
    return ending
  }

  /** @param {Ending} ending */
  describe({ status, signal, stdout, stderr }) {
    return `dasy ${this.args.join(' ')}\nended with ${signal ?? `status ${status}`}\n${stdout}\n${stderr}`
  }
}
