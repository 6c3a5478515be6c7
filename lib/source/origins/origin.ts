/**
 * Where the bytes of a source come from, as they are stored or sent, before they are decompressed or decoded: a file,
 * a pipe, a URL. Its properties say what it can do.
 */
export interface Origin extends AsyncDisposable {
  readonly kind: 'file' | 'pipe' | 'http' | 'client-http'
  /** A name to show and store: without password, query or fragment. */
  readonly name: string
  /** An absolute path, or a URL without password, to open it again; null if that is impossible. */
  readonly path: string | null
  /** Bytes; undefined if that is known only at the end. */
  readonly size: number | undefined
  /** How many bytes of `size` the stream has read, if it returns other bytes, as an archive's entry does. */
  readonly taken?: number
  /** Whether the bytes can be read a second time. */
  readonly repeatable: boolean
  /** What distinguishes versions of the content: plain JSON, stored with the run. */
  readonly identity: Readonly<Record<string, unknown>>

  /**
   * Reads at an offset until `into` is full or the bytes end. Undefined if the bytes can only be read in order.
   * @returns bytes read; fewer than the size of `into` only at the end
   */
  readonly readAt?: (into: Uint8Array, offset: number) => Promise<number>
  /**
   * All bytes in order; only once if the origin is not repeatable. The consumer owns each chunk: it is not reused. A
   * consumer that stops early must return the iterator, which then releases its resources.
   */
  stream(): AsyncIterable<Uint8Array>
  /** @throws DasyError SOURCE_CHANGED if it changed since it was opened */
  verifyUnchanged(): Promise<void>
  close(): Promise<void>
}
