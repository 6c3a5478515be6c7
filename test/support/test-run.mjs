// One test run: tap starts a PostgreSQL before it (start-server.mjs) and removes it afterwards (stop-server.mjs),
// both in processes of their own, so what the tests must know lies in a file.
//
// tap is the parent of those scripts and of every test file. Its process number tells runs in one checkout apart,
// and whether a run that left something behind is dead.
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {object} Server
 * @property {string} url of a role that may create databases and roles
 * @property {boolean} embedded whether it is this run's own
 */

const root = fileURLToPath(new URL('../..', import.meta.url))
const checkout = createHash('sha256').update(`${hostname()}:${root}`).digest('hex').slice(0, 8)
const prefix = `dasy-test-${checkout}-`

export class TestRun {
  /** @param {number} tap tap's process number */
  constructor(tap) {
    /** What the names of this run's databases and roles begin with: the server may be shared. */
    this.namePrefix = `dasy_test_${checkout}_${tap}_`
    this.folder = join(tmpdir(), `${prefix}${tap}`)
    this.home = join(this.folder, 'home')
    /** Where the commands that tests start have their temporary files. */
    this.temporary = join(this.folder, 'tmp')
    this.file = join(this.folder, 'server.json')
  }

  /** The run that this process belongs to: as a test, or as tap's before or after script. */
  static current() {
    return new TestRun(process.ppid)
  }

  /** Runs of this checkout that were killed before they could clean up, and one that had our number. */
  static abandoned() {
    return readdirSync(tmpdir())
      .filter((name) => name.startsWith(prefix))
      .map((name) => Number(name.slice(prefix.length)))
      .filter((tap) => tap === process.ppid || !isAlive(tap))
      .map((tap) => new TestRun(tap))
  }

  /** The folder is open to the server's user, who is another one where the tests run as root. */
  makeFolder() {
    mkdirSync(this.folder)
    chmodSync(this.folder, 0o755)
    mkdirSync(this.temporary)
    chmodSync(this.temporary, 0o1777)
  }

  /** @param {Server} server */
  write(server) {
    writeFileSync(this.file, JSON.stringify(server), { mode: 0o600 })
  }

  /** @returns {Server} */
  read() {
    if (!existsSync(this.file))
      throw new Error('no server was started for this test: run it with "npx tap FILE"')
    return JSON.parse(readFileSync(this.file, 'utf8'))
  }

  removeFolder() {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}
