/**
 * Where the bytes of a source come from, as they are stored or sent: before anything is decompressed or decoded.
 * A file, a pipe, a URL. What can differ is said by properties, not by asking for a class.
 */
export interface Origin extends AsyncDisposable {
  readonly kind: 'file' | 'pipe' | 'http'
  /** As it may be shown and stored: without password, query or fragment. */
  readonly name: string
  /** Where it is found again: an absolute path, or a URL without password; null where it cannot be. */
  readonly path: string | null
  /** Bytes; undefined where that is only known at the end. */
  readonly size: number | undefined
  /** Of `size`, how many the stream has taken, where that is not what it has given: an archive's entry. */
  readonly taken?: number
  /** Whether the bytes can be had a second time. */
  readonly repeatable: boolean
  /** What tells this content from another at the same place: plain JSON, stored with the run. */
  readonly identity: Readonly<Record<string, unknown>>

  /**
   * Reads at an absolute offset until `into` is full or the bytes end. Undefined where they come in one order only.
   * @returns bytes read; fewer than `into` holds only at the end
   */
  readonly readAt?: (into: Uint8Array, offset: number) => Promise<number>
  /**
   * All bytes in order, from the first on; of an origin that is not repeatable only once. Each chunk is the consumer's:
   * it is not filled again. Whoever stops early returns the iterator, which then gives back what it holds.
   */
  stream(): AsyncIterable<Uint8Array>
  /** @throws DasyError SOURCE_CHANGED if it is not what it was when it was opened */
  verifyUnchanged(): Promise<void>
  close(): Promise<void>
}
