/**
 * Where text comes from: bytes as COPY is to get them, decompressed and, where PostgreSQL cannot do that, decoded.
 *
 * A source need not be a file: it may be of unknown size, not readable a second time, remote, or one of several
 * in a run. What can differ is said by properties, not by asking for a class.
 */
export interface Source extends AsyncDisposable {
  /** Its place among the run's sources, from 0. */
  readonly ordinal: number
  /** For the ledger: where its bytes come from, and what has to be done with them. */
  readonly kind: string
  /** As the user named it, but for passwords. */
  readonly name: string
  /** Where it is found again; null where it cannot be. */
  readonly path: string | null
  /** Bytes as they are stored or sent, or undefined where that is only known at the end. */
  readonly size: number | undefined
  /** Of these, how many have been taken; what a thread reads for itself is not among them. */
  readonly consumed: number
  /** Whether bytes that were read can be read again. */
  readonly repeatable: boolean
  /** What tells this content from another of the same name: plain JSON, stored with the run. */
  readonly identity: Readonly<Record<string, unknown>>
  /** How another thread reads ranges for itself. Undefined: it comes in one order, and is handed over in blocks. */
  readonly location: SourceLocation | undefined

  /** The first bytes of the text, `length` of them unless it ends before; they will be read again. */
  head(length: number): Promise<Uint8Array>
  /** The same source with its text converted to UTF-8, which PostgreSQL cannot do from this encoding. */
  decoded(encoding: string): Promise<Source>
  /**
   * Reads text at an absolute offset until `into` is full or the source ends. Where the text comes in one order, to go
   * back is to begin anew.
   * @returns bytes read; fewer than `into` holds only at the end
   * @throws DasyError READ_FAILED; NOT_REPEATABLE where there is no going back
   */
  read(into: Uint8Array, offset: number): Promise<number>
  /** Gives back what is held since `head`, if it can be had again for little; for whoever reads others first. */
  rest(): Promise<void>
  /** @throws DasyError SOURCE_CHANGED if it is not what it was when it was opened */
  verifyUnchanged(): Promise<void>
  close(): Promise<void>
}

/** Plain data, for a worker's thread. */
export interface SourceLocation {
  /** Absolute. */
  readonly path: string
  readonly name: string
  readonly stated: StatedIdentity
}

/** What the file system says of a file's content without reading it. */
export interface StatedIdentity {
  /** Bytes. */
  readonly size: number
  /** Nanoseconds since 1970, as text: more than a number holds exactly. */
  readonly mtimeNs: string
  readonly ctimeNs: string
  readonly inode: string
}

/** Whether nothing that the file system says of two files differs. */
export function isSameFile(one: StatedIdentity, other: StatedIdentity): boolean {
  return (
    one.size === other.size &&
    one.mtimeNs === other.mtimeNs &&
    one.ctimeNs === other.ctimeNs &&
    one.inode === other.inode
  )
}
