import { constants, createReadStream, openSync, type Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { DasyError, reasonOf } from '../../base/errors.js'
import { FileOrigin } from './file.js'
import type { Origin } from './origin.js'
import { PipeOrigin } from './pipe.js'

export interface FoundFile {
  /** Its absolute path. */
  readonly file: string
  readonly stats: Stats | undefined
  readonly entry: string | undefined
}

/**
 * Splits a path into a file and an entry of an archive. Both names may contain "#": the longest path that exists is the file.
 * @param whole absolute
 * @param name for errors
 * @throws DasyError FILE_UNREADABLE
 */
export async function findFile(whole: string, name: string): Promise<FoundFile> {
  for (let file = whole; ; file = file.slice(0, file.lastIndexOf('#'))) {
    const stats = await statOf(file, name)
    if (stats) return { file, stats, entry: file === whole ? undefined : whole.slice(file.length + 1) }
    if (file.lastIndexOf('#') < 1) return { file: whole, stats: undefined, entry: undefined }
  }
}

/**
 * Opens a file, a named pipe or a character device.
 * @param name for messages and the ledger
 * @throws DasyError FILE_NOT_FOUND, FILE_UNREADABLE, NOT_A_FILE
 */
export async function openFile(
  name: string,
  { file: path, stats }: FoundFile,
  signal: AbortSignal | undefined,
): Promise<Origin> {
  if (!stats) throw notFound(name)
  try {
    if (stats.isFIFO()) return new PipeOrigin(name, pipeAt(path), signal)
    if (stats.isCharacterDevice()) return new PipeOrigin(name, createReadStream(path), signal)
  } catch (error) {
    throw unreadable(name, error as NodeJS.ErrnoException)
  }
  if (!stats.isFile()) throw notAFile(name)
  return await FileOrigin.open(name, path).catch((error) => {
    throw unreadable(name, error)
  })
}

/** Opens a named pipe without waiting for a writer, because a thread that waits cannot be cancelled. */
function pipeAt(path: string): Readable {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  return new Socket({ fd, readable: true, writable: false })
}

async function statOf(path: string, name: string): Promise<Stats | undefined> {
  return await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw unreadable(name, error)
  })
}

function notFound(name: string): DasyError {
  return new DasyError('FILE_NOT_FOUND', `there is no file ${name}`, {
    hint: 'Check the path; it is relative to the working directory.',
    details: { file: name, errno: 'ENOENT' },
  })
}

function notAFile(name: string): DasyError {
  return new DasyError('NOT_A_FILE', `${name} is neither a file nor a pipe`, {
    hint: 'Name a CSV file, a URL, or - for standard input.',
    details: { file: name },
  })
}

function unreadable(name: string, error: NodeJS.ErrnoException): DasyError {
  if (error.code === 'ENOENT') return notFound(name)
  return new DasyError('FILE_UNREADABLE', `${name} cannot be opened: ${reasonOf(error)}`, {
    hint: 'Check the permissions of the file and of the folders above it.',
    details: { file: name, errno: error.code },
    cause: error,
  })
}
