import type { BigIntStats } from 'node:fs'
import { relative, sep } from 'node:path'
import type { Dataset } from '../config/dataset.js'

/** What changes with the content of a file. */
export interface FileIdentity {
  /** Bytes. */
  readonly size: number
  /** Nanoseconds since 1970, as text: a number is not exact enough. */
  readonly mtimeNs: string
  readonly inode: string
}

/** A file of a dataset that lies in a watched folder. */
export interface FoundFile {
  /** Absolute. */
  readonly path: string
  /** The host on which the path is; '' in a shared folder. */
  readonly place: string
  readonly dataset: Dataset
  readonly identity: FileIdentity
  /** When it came here, by the clock of the file system, in milliseconds since 1970. */
  readonly since: number
  /** The name of the file that says that this one is complete; null if the dataset has none. */
  readonly companion: string | null
}

export function identityOf({ size, mtimeNs, ino }: BigIntStats): FileIdentity {
  return { size: Number(size), mtimeNs: `${mtimeNs}`, inode: `${ino}` }
}

export function isSame(one: FileIdentity, other: FileIdentity): boolean {
  return one.size === other.size && one.mtimeNs === other.mtimeNs && one.inode === other.inode
}

/** The path for messages and the ledger: relative, if the file is below the working directory. */
export function shown(path: string): string {
  const way = relative('', path)
  const isBelow = way !== '' && way !== '-' && way.split(sep)[0] !== '..' && !way.includes('://')
  return isBelow ? way : path
}

/** In the order of their bytes, which no locale changes. */
export function byName({ path: one }: FoundFile, { path: other }: FoundFile): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
