import type { DasyError } from '../errors.js'
import type { FileIdentity, Source, SourceLocation } from './source.js'

/**
 * A file that is gone, as the ledger remembers it: enough to publish what was staged of it before, as long as nothing
 * has to be read.
 */
export class RecordedSource implements Source {
  readonly ordinal = 0
  readonly kind = 'file'
  readonly repeatable = true
  readonly location: SourceLocation
  readonly #cause: DasyError

  /** @param cause why it cannot be read */
  constructor(
    readonly name: string,
    path: string,
    readonly identity: FileIdentity,
    cause: DasyError,
  ) {
    this.location = { kind: 'file', path, name, identity }
    this.#cause = cause
  }

  get size(): number {
    return this.identity.size
  }

  async read(): Promise<number> {
    throw this.#cause
  }

  async verifyUnchanged(): Promise<void> {}

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}
