import type { Origin } from '../origins/origin.js'
import type { Decompressed } from './compression.js'
import { openZip, type ZipEntry } from './zip.js'

/** A file in a zip archive as an origin whose bytes are already decompressed. */
export class ArchiveEntry implements Origin {
  readonly kind: Origin['kind']
  readonly #archive: Origin
  readonly #entry: ZipEntry
  #stream: Decompressed | undefined

  private constructor(archive: Origin, entry: ZipEntry) {
    this.kind = archive.kind
    this.#archive = archive
    this.#entry = entry
  }

  /**
   * @param member the entry's path in the archive; may be omitted if there is only one
   * @throws DasyError as openZip
   */
  static async open(archive: Origin, member: string | undefined): Promise<ArchiveEntry> {
    return new ArchiveEntry(archive, await openZip(archive, member))
  }

  get name(): string {
    return `${this.#archive.name}#${this.#entry.name}`
  }

  get path(): string | null {
    return this.#archive.path === null ? null : `${this.#archive.path}#${this.#entry.name}`
  }

  get size(): number {
    return this.#entry.compressedSize
  }

  get taken(): number {
    return this.#stream?.compressedBytes ?? 0
  }

  get repeatable(): boolean {
    return this.#archive.repeatable
  }

  get identity(): Origin['identity'] {
    return { ...this.#archive.identity, crc: this.#entry.crc }
  }

  stream(): AsyncIterable<Uint8Array> {
    this.#stream = this.#entry.stream()
    return this.#stream
  }

  async verifyUnchanged(): Promise<void> {
    await this.#archive.verifyUnchanged()
  }

  async close(): Promise<void> {
    await this.#archive.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}
