import type { DasyError } from '../base/errors.js'
import type { Source } from './source.js'

/** What the ledger stores about a source. */
export interface SourceDetails
  extends Pick<Source, 'ordinal' | 'kind' | 'name' | 'path' | 'size' | 'repeatable' | 'identity'> {}

/**
 * A source that can no longer be opened, as the ledger stores it: enough to publish its staged records if nothing must be read.
 */
export class RecordedSource implements Source {
  readonly consumed = 0
  readonly location = undefined
  readonly ordinal: number
  readonly kind: string
  readonly name: string
  readonly path: string | null
  readonly size: number | undefined
  readonly repeatable: boolean
  readonly identity: Source['identity']
  readonly #cause: DasyError

  /** @param cause the error of opening it, which every read repeats */
  constructor({ ordinal, kind, name, path, size, repeatable, identity }: SourceDetails, cause: DasyError) {
    this.ordinal = ordinal
    this.kind = kind
    this.name = name
    this.path = path
    this.size = size
    this.repeatable = repeatable
    this.identity = identity
    this.#cause = cause
  }

  async head(): Promise<Uint8Array> {
    throw this.#cause
  }

  async decoded(): Promise<Source> {
    return this
  }

  async read(): Promise<number> {
    throw this.#cause
  }

  async rest(): Promise<void> {}

  async verifyUnchanged(): Promise<void> {}

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}
