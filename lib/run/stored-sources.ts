import { DasyError } from '../base/errors.js'
import type { Settings } from '../contract/settings.js'
import type { StoredSource } from '../ledger/sources.js'
import { hasBegun, hasSameContent, namesOf, type StoredRun } from '../ledger/stored-run.js'
import { planLost } from '../plan/stale.js'
import type { PreparedSource } from '../ranges/prepared-source.js'
import { type Caller, openOptions, Sources } from '../ranges/sources.js'
import { clientUrlsOf, openSource } from '../source/open.js'
import { notRepeatable } from '../source/origins/pipe.js'
import { RecordedSource } from '../source/recorded.js'
import type { Source } from '../source/source.js'
import { shownName } from '../source/standard-input.js'

/** A change of the file's permissions is none of its content. */
const WITHOUT_CTIME = { ctimeNs: undefined }

/**
 * Opens the sources of a stored run again. They must be unchanged since the run began.
 * @param isPinned they must be unchanged since it was enqueued
 * @throws DasyError SOURCE_CHANGED, and those of opening a source
 */
export async function reopenSources(
  stored: StoredRun,
  settings: Settings,
  caller: Caller,
  isPinned = false,
): Promise<Sources> {
  const sources = await Sources.openEach(stored.sources, (each) => reopen(each, stored, settings, caller))
  const isSame = hasBegun(stored)
    ? hasSameContent(stored, sources.all)
    : !isPinned || hasSameContent(stored, sources.all, WITHOUT_CTIME)
  if (isSame) return sources
  await sources[Symbol.asyncDispose]()
  const names = namesOf(stored)
  throw new DasyError('SOURCE_CHANGED', `${names} has changed since run ${stored.run} read it`, {
    hint: `Load it as a new run: dasy ${stored.command} ${names}`,
    details: { file: names, run: stored.run },
  })
}

/** The sources of a planned run, of which nothing is read again. */
export async function recordedSources(stored: StoredRun): Promise<Sources> {
  const lost = planLost(stored.run)
  return await Sources.openEach(
    stored.sources,
    async (each) => new RecordedSource({ ...each, name: shownName(each.name) }, lost),
  )
}

/** A file that is gone, or a pipe, is not needed any more if all of it is staged. */
async function reopen(
  stored: StoredSource,
  { state }: StoredRun,
  settings: Settings,
  caller: Caller,
): Promise<Source> {
  const { name, path, ordinal, kind, text_bytes } = stored
  const isStaged = ['staged', 'merging'].includes(state) && text_bytes !== null
  try {
    if (path === null) throw notRepeatable(shownName(name))
    const clientUrls = clientUrlsOf(kind, caller.allowPrivateUrls ?? false)
    return await openSource(name, ordinal, { ...openOptions(settings, caller), clientUrls }, path)
  } catch (error) {
    const isGone = error instanceof DasyError && ['FILE_NOT_FOUND', 'NOT_REPEATABLE'].includes(error.code)
    if (!isGone || !isStaged) throw error
    return new RecordedSource({ ...stored, name: shownName(name) }, error)
  }
}

/** For each source that can no longer be opened, how the run has read it; undefined for the others. */
export function preparedAsStored(
  { all }: Sources,
  stored: StoredRun,
  settings: Settings,
): (PreparedSource | undefined)[] {
  return all.map((source) =>
    source instanceof RecordedSource ? preparedOne(source, stored, settings) : undefined,
  )
}

function preparedOne(
  source: Source,
  { sources, doubts: all }: StoredRun,
  settings: Settings,
): PreparedSource {
  const { lenientQuotes } = settings.reading
  const { maxRecord } = settings.limits
  const stored = sources[source.ordinal] as StoredSource
  // The ledger stores the doubts of all sources together: the first source gets them.
  const doubts = source.ordinal === 0 ? all : []
  const { header, columns, first_byte: offset, first_line: line, dialect, encoding } = stored
  // Only COPY uses the NULL word, and everything is copied already.
  const format = { dialect, encoding, nullWord: undefined, lenientQuotes, maxRecord }
  const opening = { columns, header, start: { offset: Number(offset), line: Number(line) } }
  return {
    source,
    format,
    opening,
    description: 'as it was read before',
    encoding,
    doubts,
    surplus: 0,
    better: {},
    sample: Buffer.alloc(0),
  }
}
