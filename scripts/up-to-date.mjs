import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Knows whether what was built is still what its inputs make: a file among the outputs tells the digest of the inputs
 * and the names of the outputs. It goes by content, because git and npm give files new times.
 */
export class UpToDate {
  /**
   * @param {string} root what all paths are relative to
   * @param {{ inputs: string[], outputs: string[], note: string }} paths files, or folders with all that is in them
   */
  constructor(root, { inputs, outputs, note }) {
    this.root = root
    this.inputs = inputs
    this.outputs = outputs
    this.note = note
  }

  /** Whether there is nothing to build. */
  get holds() {
    const note = join(this.root, this.note)
    if (!existsSync(note)) return false
    const { digest, outputs } = JSON.parse(readFileSync(note, 'utf8'))
    return digest === this.#digest() && outputs.join() === this.#list(this.outputs).join()
  }

  /** All is built. */
  record() {
    const note = { digest: this.#digest(), outputs: [...this.#list(this.outputs), this.note].sort() }
    writeFileSync(join(this.root, this.note), JSON.stringify(note))
  }

  #digest() {
    const digest = createHash('sha256')
    for (const path of this.#list(this.inputs)) {
      const content = readFileSync(join(this.root, path))
      digest.update(`${path} ${content.length}\n`).update(content)
    }
    return digest.digest('hex')
  }

  /** @param {readonly string[]} paths */
  #list(paths) {
    return paths.flatMap((path) => this.#filesOf(path)).sort()
  }

  /**
   * @param {string} path
   * @returns {string[]}
   */
  #filesOf(path) {
    const full = join(this.root, path)
    if (!existsSync(full)) return []
    if (!statSync(full).isDirectory()) return [path]
    return readdirSync(full).flatMap((name) => this.#filesOf(join(path, name)))
  }
}
