/**
 * Where bytes come from.
 *
 * A source need not be a file: it may be of unknown size, not readable a second time, remote, or one of several
 * in a run. What can differ is said by properties, not by asking for a class.
 */
export interface Source extends AsyncDisposable {
  /** Its place among the run's sources, from 0. */
  readonly ordinal: number
  readonly kind: 'file'
  /** As the user named it. */
  readonly name: string
  /** Bytes, or undefined where that is only known at the end. */
  readonly size: number | undefined
  /** Whether bytes that were read can be read again. */
  readonly repeatable: boolean
  /** What tells this content from another of the same name; stored with the run. */
  readonly identity: FileIdentity
  /** How another thread gets at the same bytes, where it can read ranges for itself. */
  readonly location: SourceLocation

  /**
   * Reads at an absolute offset until `into` is full or the source ends.
   * @returns bytes read; fewer than `into` holds only at the end
   * @throws DasyError READ_FAILED
   */
  read(into: Uint8Array, offset: number): Promise<number>
  /** @throws DasyError SOURCE_CHANGED if it is not what it was when it was opened */
  verifyUnchanged(): Promise<void>
  close(): Promise<void>
}

/** What tells a file's content from another without reading it all. */
export interface FileIdentity {
  /** Bytes. */
  readonly size: number
  /** Nanoseconds since 1970, as text: more than a number holds exactly. */
  readonly mtimeNs: string
  readonly ctimeNs: string
  readonly inode: string
  /** Of samples of the content. */
  readonly fingerprint: string
}

/** Whether nothing that the file system says of two files differs. */
export function isSameFile(
  one: Omit<FileIdentity, 'fingerprint'>,
  other: Omit<FileIdentity, 'fingerprint'>,
): boolean {
  return (
    one.size === other.size &&
    one.mtimeNs === other.mtimeNs &&
    one.ctimeNs === other.ctimeNs &&
    one.inode === other.inode
  )
}

/** Plain data, for a worker's thread. */
export interface SourceLocation {
  readonly kind: 'file'
  /** Absolute. */
  readonly path: string
  readonly name: string
  readonly identity: FileIdentity
}
