import { DasyError } from '../base/errors.js'
import type { ResumeOptions } from '../contract/options.js'
import { changedFiles, isReadable, resolveStoredOptions } from '../contract/stored-settings.js'
import { badOption } from '../contract/values.js'
import type { StoredRun } from '../ledger/stored-run.js'
import type { Caller, Sources } from '../ranges/sources.js'
import type { LoadTask } from '../run/load.js'
import { preparedAsStored, reopenSources } from '../run/stored-sources.js'
import { readSqlFile } from '../script/sql-file.js'
import { planOf } from './plan-of-run.js'

/** What is different with a run of the queue. */
export interface OfQueue {
  /** Its files must be as they were when it was enqueued. */
  readonly isPinned: boolean
  /** Whether the URLs that clients of the service have named may lead to private addresses. */
  readonly allowPrivateUrls: boolean
}

/** A load that the ledger has stored, its sources open again. */
export class ReopenedLoad implements AsyncDisposable {
  private constructor(
    readonly task: LoadTask,
    private readonly sources: Sources,
  ) {}

  /** @throws DasyError BAD_OPTION, RUN_ENDED, SOURCE_CHANGED and those of opening a source */
  static async open(
    found: StoredRun,
    options: ResumeOptions,
    caller: Omit<Caller, 'allowPrivateUrls'>,
    ofQueue?: OfQueue,
  ): Promise<ReopenedLoad> {
    const { run } = found
    if (options.skipConflicts !== undefined) throw badOption('--skip-conflicts', `run ${run} is no undo`)
    if (!isReadable(found.options)) throw ofEarlierVersion(run)
    const { command, mode, options: begun } = planOf(found)
    const settings = resolveStoredOptions(begun, options, readSqlFile)
    for (const path of changedFiles(begun, settings))
      caller.note?.(`${path} has changed since run ${run} began; its new version is run`)
    const allowPrivateUrls = ofQueue?.allowPrivateUrls
    const sources = await reopenSources(found, settings, { ...caller, allowPrivateUrls }, ofQueue?.isPinned)
    try {
      const recorded = preparedAsStored(sources, found, settings)
      const isOfQueue = ofQueue !== undefined
      const task = { command, mode, settings, sources: sources.all, run, isOfQueue, recorded }
      return new ReopenedLoad(isOfQueue ? { ...task, stored: found } : task, sources)
    } catch (error) {
      await sources[Symbol.asyncDispose]()
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sources[Symbol.asyncDispose]()
  }
}

function ofEarlierVersion(run: number): DasyError {
  return new DasyError(
    'RUN_ENDED',
    `run ${run} was begun by an earlier version of dasy and cannot be resumed`,
    {
      hint: `Load the file again; "dasy runs clean ${run}" removes what the run has staged.`,
      details: { run },
    },
  )
}
