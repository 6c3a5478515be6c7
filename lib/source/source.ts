/**
 * Where text comes from: bytes as COPY gets them, decompressed and, if PostgreSQL cannot convert the encoding, decoded.
 *
 * A source need not be a file: its size may be unknown, it may be readable only once, remote, or one of several in a run.
 * Its properties say what it can do; no code checks its class.
 */
export interface Source extends AsyncDisposable {
  /** Its number among the run's sources, from 0. */
  readonly ordinal: number
  /** For the ledger: the kind of origin and the steps that turn its bytes into text, as in `file gzip`. */
  readonly kind: string
  /** As the user named it, without passwords. */
  readonly name: string
  /** An absolute path or a URL, to open it again; null if that is impossible. */
  readonly path: string | null
  /** Bytes as they are stored or sent; undefined if that is known only at the end. */
  readonly size: number | undefined
  /** How many of these bytes were read, without those that worker threads read by themselves. */
  readonly consumed: number
  /** Whether its bytes can be read again. */
  readonly repeatable: boolean
  /** What distinguishes versions of the content: plain JSON, stored with the run. */
  readonly identity: Readonly<Record<string, unknown>>
  /** For worker threads, which read ranges by themselves. Undefined if the text is a stream, which they get in blocks. */
  readonly location: SourceLocation | undefined

  /** The first `length` bytes of the text, fewer if it ends before. `read` returns them again. */
  head(length: number): Promise<Uint8Array>
  /** The same source with its text converted to UTF-8, for encodings that PostgreSQL cannot convert. */
  decoded(encoding: string): Promise<Source>
  /**
   * Reads text at an offset until `into` is full or the source ends. Going back in a stream starts it again.
   * @returns bytes read; fewer than the size of `into` only at the end
   * @throws DasyError READ_FAILED; NOT_REPEATABLE if it cannot go back
   */
  read(into: Uint8Array, offset: number): Promise<number>
  /** Releases the memory of `head` if its bytes can be read again cheaply. Called before other sources are read. */
  rest(): Promise<void>
  /** @throws DasyError SOURCE_CHANGED if it changed since it was opened */
  verifyUnchanged(): Promise<void>
  close(): Promise<void>
}

/** How to open a source in a worker thread; plain data. */
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
