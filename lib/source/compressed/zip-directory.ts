import { type Entry, fromRandomAccessReaderPromise, getFileNameLowLevel, type ZipFile } from 'yauzl'
import { nearest } from '../../base/did-you-mean.js'
import { DasyError } from '../../base/errors.js'
import { type SeekableOrigin, ZipReader } from './zip-reader.js'

/** An entry of an archive's directory. */
export interface FoundEntry {
  readonly name: string
  readonly entry: Entry
  /** The offset of its bytes in the archive. */
  readonly dataStart: number
}

/** How many names an error lists, and how many it searches for a similar one. */
const NAMES_SHOWN = 10
const NAMES_KEPT = 1000

/**
 * Finds an entry by its name, or the only one.
 * @throws DasyError ZIP_NO_ENTRY, ZIP_SEVERAL_ENTRIES, CORRUPT_SOURCE
 */
export async function findEntry(origin: SeekableOrigin, member: string | undefined): Promise<FoundEntry> {
  try {
    // Sizes are checked while the entry is read. Names are not checked, because no file is extracted.
    const options = { autoClose: false, decodeStrings: false, validateEntrySizes: false }
    const archive = await fromRandomAccessReaderPromise(new ZipReader(origin), origin.size, options)
    try {
      const { name, entry } = await choose(archive, member, origin.name)
      const { fileDataStart } = await archive.readLocalFileHeaderPromise(entry, { minimal: true })
      return { name, entry, dataStart: fileDataStart }
    } finally {
      archive.close()
    }
  } catch (error) {
    throw error instanceof DasyError ? error : unreadable(origin.name, error as Error)
  }
}

interface Candidate {
  readonly name: string
  readonly entry: Entry
}

async function choose(archive: ZipFile, member: string | undefined, file: string): Promise<Candidate> {
  const names: string[] = []
  let count = 0
  let found: Candidate | undefined
  for await (const entry of archive.eachEntry()) {
    const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false)
    const isFile = isContent(name)
    // If a name is repeated, the later entry replaces the earlier one.
    if (member === undefined ? isFile : name === member) found = { name, entry }
    if (isFile && count++ < NAMES_KEPT) names.push(name)
  }
  if (member === undefined && count > 1) throw severalEntries(file, names, count)
  if (!found) throw member === undefined ? noFile(file) : noEntry(file, member, names, count)
  return found
}

/** Neither a folder nor a file that macOS adds. */
function isContent(name: string): boolean {
  return !name.endsWith('/') && !name.startsWith('__MACOSX/') && !/(^|\/)\.DS_Store$/.test(name)
}

function severalEntries(file: string, names: readonly string[], count: number): DasyError {
  return new DasyError('ZIP_SEVERAL_ENTRIES', `${file} holds ${count} files: ${listed(names, count)}`, {
    hint: `Name one: dasy ingest '${file}#${names[0]}'`,
    details: { file, entries: names },
  })
}

function noEntry(file: string, member: string, names: readonly string[], count: number): DasyError {
  const near = nearest(member, names)
  return new DasyError('ZIP_NO_ENTRY', `${file} has no entry "${member}"; it has: ${listed(names, count)}`, {
    hint: near === undefined ? undefined : `Did you mean '${file}#${near}'?`,
    details: { file, entry: member, entries: names, nearest: near },
  })
}

function noFile(file: string): DasyError {
  return new DasyError('ZIP_NO_ENTRY', `${file} is an archive without files`, {
    hint: 'Create it again.',
    details: { file, entries: [] },
  })
}

function listed(names: readonly string[], count: number): string {
  const shown = names.slice(0, NAMES_SHOWN)
  const more = count - shown.length
  return `${shown.join(', ') || 'nothing'}${more > 0 ? ` and ${more} more` : ''}`
}

function unreadable(file: string, error: Error): DasyError {
  return new DasyError('CORRUPT_SOURCE', `${file} cannot be read as a zip archive: ${error.message}`, {
    hint: 'Download or create it again; unzip -t tests it.',
    details: { file, byte: 0 },
    cause: error,
  })
}
