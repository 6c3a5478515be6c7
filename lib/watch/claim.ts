import { stat } from 'node:fs/promises'
import { DasyError } from '../base/errors.js'
import type { Config } from '../config/config.js'
import { defaults } from '../contract/options.js'
import type { EnqueueOptions } from '../contract/queue-options.js'
import type { RunError } from '../contract/receipt.js'
import { resolveOptions } from '../contract/settings.js'
import { lockDataset } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { newJob, store } from '../queue/enqueue.js'
import { openOptions, Sources } from '../ranges/sources.js'
import { readSqlFile } from '../script/sql-file.js'
import { openSource } from '../source/open.js'
import { findKnown, insertArrival, type LastContent, lastContent, setRun } from './arrivals.js'
import { type FoundFile, identityOf, isSame, shown } from './file.js'
import { hashOf } from './hash.js'

/** What became of a file that is whole. */
export type Claimed =
  /** Its load is in the queue. */
  | { readonly kind: 'enqueued'; readonly run: number }
  /** It need not be loaded, or cannot be opened: it can be filed at once. */
  | { readonly kind: 'ready'; readonly error?: RunError }
  /** Another watcher has it. */
  | { readonly kind: 'taken' }
  /** It stays where it is, and was loaded before. */
  | { readonly kind: 'known' }
  /** It has changed, or is gone. */
  | { readonly kind: 'changed' }
  /** It cannot be decided yet, and neither for those that have arrived later. */
  | { readonly kind: 'later'; readonly message?: string }

export interface ClaimSettings {
  readonly config: Config
  /** Whether files stay where they are. */
  readonly stays: boolean
  readonly signal: AbortSignal
  readonly note: (line: string) => void
}

/** Ends a transaction that is not to be committed. */
class Withdrawn extends Error {
  constructor(readonly claimed: Claimed) {
    super(claimed.kind)
  }
}

/** What was found out about a file before the transaction that claims it. */
interface Content {
  readonly last: LastContent | undefined
  readonly hash: string | undefined
  /** The run that loaded the same content. */
  readonly sameAs: number | undefined
}

/** Claims a file that is whole: the arrival, its run and the job are stored together, or nothing is. */
export async function claim(session: Session, file: FoundFile, settings: ClaimSettings): Promise<Claimed> {
  try {
    const content = await compare(session, file, settings)
    if (content.sameAs !== undefined) return await claimReady(session, file, content, settings)
    return await claimLoad(session, file, content, settings)
  } catch (error) {
    if (error instanceof Withdrawn) return error.claimed
    if (isGone(error)) return { kind: 'changed' }
    throw error
  }
}

/** Compares a file with what was loaded before: by its size first, and by a hash only if that is equal. */
async function compare(session: Session, file: FoundFile, { stays }: ClaimSettings): Promise<Content> {
  const { dataset, path } = file
  const last = await lastContent(session, dataset.name)
  const known = stays ? await findKnown(session, file) : undefined
  if (known?.is_same_file) throw new Withdrawn({ kind: 'known' })
  if (last?.is_open && last.path === path && last.place === file.place) throw new Withdrawn({ kind: 'taken' })
  const { size } = file.identity
  const isCompared = !dataset.watch.reload && (last?.size === size || known?.size === size)
  if (!isCompared) return { last, hash: undefined, sameAs: undefined }
  const hash = await contentOf(path)
  if (last?.is_open && last.size === size) {
    const other = last.hash ?? (await contentOfOpen(last))
    // Whether the other one is loaded is not known yet.
    if (other === undefined || other === hash) throw new Withdrawn({ kind: 'later' })
    return { last, hash, sameAs: undefined }
  }
  const isSameContent = hash !== undefined && (hash === last?.hash || hash === known?.hash)
  // Without any run there is nothing that it could be the same as.
  return { last, hash, sameAs: isSameContent ? last?.run : undefined }
}

/** @returns undefined if it cannot be read: opening it tells why */
async function contentOf(path: string): Promise<string | undefined> {
  return await hashOf(path).catch((error) => {
    if (isGone(error)) throw error
    return undefined
  })
}

/** The hash of a file that is not filed. If it was loaded and somebody has removed it, nothing is taken for the same. */
async function contentOfOpen({ path, target, is_loaded }: LastContent): Promise<string | undefined> {
  for (const each of [path, ...(target === null ? [] : [target])]) {
    const hash = await hashOf(each).catch(() => undefined)
    if (hash !== undefined) return hash
  }
  return is_loaded ? 'unknown' : undefined
}

async function claimReady(
  session: Session,
  file: FoundFile,
  content: Content,
  settings: ClaimSettings,
  error?: RunError,
): Promise<Claimed> {
  await session.transaction(async () => {
    await insert(session, file, content, settings, error)
  })
  return error ? { kind: 'ready', error } : { kind: 'ready' }
}

async function claimLoad(
  session: Session,
  file: FoundFile,
  content: Content,
  settings: ClaimSettings,
): Promise<Claimed> {
  const { signal, note, config } = settings
  const options = optionsOf(file, config)
  const load = resolveOptions(loadOptionsOf(options), readSqlFile)
  const how = openOptions(load, { signal, note })
  let sources: Sources
  try {
    sources = await Sources.openEach([file.path], (path) => openSource(shown(path), 0, how, path))
  } catch (error) {
    return await unopened(session, file, content, settings, error)
  }
  await using opened = sources
  const job = { ...newJob(options, load, opened.all), isPinned: true }
  const run = await session.transaction(async () => {
    const arrival = await insert(session, file, content, settings)
    const { run } = await store(session, job)
    await setRun(session, arrival, run)
    return run
  })
  return { kind: 'enqueued', run }
}

/** Stores the arrival, if nothing has changed since it was decided on. */
async function insert(
  session: Session,
  file: FoundFile,
  { last, hash, sameAs }: Content,
  { stays }: ClaimSettings,
  error?: RunError,
): Promise<number> {
  await lockDataset(session, file.dataset.name)
  const now = await lastContent(session, file.dataset.name)
  if (now?.arrival !== last?.arrival || now?.is_open !== last?.is_open) throw new Withdrawn({ kind: 'later' })
  if (stays && (await findKnown(session, file))?.is_same_file) throw new Withdrawn({ kind: 'known' })
  const arrival = await insertArrival(session, file, { hash, sameAs, error, stays })
  if (arrival === undefined) throw new Withdrawn({ kind: 'taken' })
  // Another watcher may have loaded and moved it since it was seen.
  const stats = await stat(file.path, { bigint: true })
  if (!isSame(identityOf(stats), file.identity)) throw new Withdrawn({ kind: 'changed' })
  return arrival
}

/** What cannot be opened has failed, unless its disk or network share is out of reach. */
async function unopened(
  session: Session,
  file: FoundFile,
  content: Content,
  settings: ClaimSettings,
  error: unknown,
): Promise<Claimed> {
  if (!(error instanceof DasyError) || isGone(error)) throw error
  if (error.code === 'INTERRUPTED' || settings.signal.aborted) return { kind: 'later' }
  const { code, message, hint = null } = error
  const isPassing = code === 'FILE_UNREACHABLE' || code === 'READ_FAILED'
  if (isPassing) return { kind: 'later', message }
  return await claimReady(session, file, { ...content, sameAs: undefined }, settings, { code, message, hint })
}

function optionsOf({ dataset }: FoundFile, { historyDays, attempts, shared }: Config): EnqueueOptions {
  return { ...dataset.options, historyDays, attempts, shared }
}

function loadOptionsOf({ update, plan, attempts, shared, ...load }: EnqueueOptions) {
  return load
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'FILE_NOT_FOUND' || code === 'ENOENT' || code === 'ENOTDIR'
}

/** The table into which a file is loaded: where one waits, those after it do. */
export function tableOf({ dataset }: FoundFile): string {
  return dataset.options.table ?? defaults.table
}
