/**
 * Where text comes from: bytes as COPY gets them, decompressed and, if PostgreSQL cannot do it, decoded.
 *
 * A source need not be a file: its size may be unknown, it may be readable only once, it may be remote, or one of several
 * in a run. Properties tell what it can do; nobody checks its class.
 */
export interface Source extends AsyncDisposable {
  /** Its place among the run's sources, from 0. */
  readonly ordinal: number
  /** For the ledger: the origin of its bytes, and the steps that make them text. */
  readonly kind: string
  /** As the user named it, without passwords. */
  readonly name: string
  /** How to find it again; null if that is impossible. */
  readonly path: string | null
  /** Bytes as they are stored or sent; undefined if only the end shows it. */
  readonly size: number | undefined
  /** How many of these were consumed, without those that worker threads read by themselves. */
  readonly consumed: number
  /** Whether its bytes can be read again. */
  readonly repeatable: boolean
  /** What distinguishes versions of the content: plain JSON, stored with the run. */
  readonly identity: Readonly<Record<string, unknown>>
  /** How a worker thread reads ranges by itself. Undefined: the text is a stream and is handed over in blocks. */
  readonly location: SourceLocation | undefined

  /** The first `length` bytes of the text, unless it ends before; they are read again later. */
  head(length: number): Promise<Uint8Array>
  /** The same source with its text converted to UTF-8, which PostgreSQL cannot do from this encoding. */
  decoded(encoding: string): Promise<Source>
  /**
   * Reads text at an absolute offset until `into` is full or the source ends. To go back in a stream
   * starts it again.
   * @returns bytes read; fewer than the size of `into` only at the end
   * @throws DasyError READ_FAILED; NOT_REPEATABLE if it cannot go back
   */
  read(into: Uint8Array, offset: number): Promise<number>
  /** Releases what `head` holds, if it is cheap to read again; called before other sources are read. */
  rest(): Promise<void>
  /** @throws DasyError SOURCE_CHANGED if it changed since it was opened */
  verifyUnchanged(): Promise<void>
  close(): Promise<void>
}

/** Plain data, for a worker's thread. */
export interface SourceLocation {
  /** An absolute path. */
  readonly path: string
  readonly name: string
  readonly stated: StatedIdentity
}

/** The file's metadata that changes with its content. */
export interface StatedIdentity {
  /** Bytes. */
  readonly size: number
  /** Nanoseconds since 1970, as text: a number is not exact enough. */
  readonly mtimeNs: string
  readonly ctimeNs: string
  readonly inode: string
}

/** Whether the metadata of two files is equal. */
export function isSameFile(one: StatedIdentity, other: StatedIdentity): boolean {
  return (
    one.size === other.size &&
    one.mtimeNs === other.mtimeNs &&
    one.ctimeNs === other.ctimeNs &&
    one.inode === other.inode
  )
}
