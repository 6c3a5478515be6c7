import type { Growth } from './limits.js'
import type { FileOrigin } from './origins/file.js'
import type { Source, SourceLocation } from './source.js'
import { StreamedSource } from './streamed.js'

/** An uncompressed regular file, which any thread can read at any offset. */
export class FileSource implements Source {
  readonly kind = 'file'
  readonly repeatable = true
  readonly consumed = 0
  readonly location: SourceLocation
  readonly #origin: FileOrigin
  readonly #limits: Growth

  constructor(
    readonly ordinal: number,
    origin: FileOrigin,
    limits: Growth,
  ) {
    const { path, name, identity } = origin
    this.#origin = origin
    this.#limits = limits
    this.location = { path, name, stated: identity }
  }

  get name(): string {
    return this.#origin.name
  }

  get path(): string {
    return this.#origin.path
  }

  get identity(): FileOrigin['identity'] {
    return this.#origin.identity
  }

  get size(): number {
    return this.#origin.size
  }

  async head(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(Math.min(length, this.size))
    return bytes.subarray(0, await this.read(bytes, 0))
  }

  async decoded(encoding: string): Promise<Source> {
    return await new StreamedSource(this.ordinal, this.#origin, this.#limits).decoded(encoding)
  }

  read(into: Uint8Array, offset: number): Promise<number> {
    return this.#origin.readAt(into, offset)
  }

  async rest(): Promise<void> {}

  async verifyUnchanged(): Promise<void> {
    await this.#origin.verifyUnchanged()
  }

  async close(): Promise<void> {
    await this.#origin.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
