import type { ResumeOptions } from './options.js'
import { readSqlFiles, resolveOptions, type Settings, type SyncSettings } from './settings.js'
import { markOf, type ReadSqlFile, type SqlFileMark } from './sql-file.js'
import { badOption, parseLimit } from './values.js'

/** The settings of a run as the ledger stores them: those that decide the outcome, with marks in place of SQL files. */
export interface StoredSettings extends Omit<Settings, 'tuning' | 'hooks'> {
  readonly hooks: { readonly before: readonly SqlFileMark[]; readonly after: readonly SqlFileMark[] }
}

/** The settings that decide the outcome: two runs that differ in them are not the same load. */
export function outcomeOptions({ tuning, hooks, ...rest }: Settings): StoredSettings {
  return { ...rest, hooks: { before: hooks.before.map(markOf), after: hooks.after.map(markOf) } }
}

/** Whether stored settings have the groups of this version. */
export function isReadable(stored: object): stored is StoredSettings {
  return 'reading' in stored && 'hooks' in stored
}

/**
 * The settings of a run that is resumed, and its SQL files as they are now. A setting that did not exist when the run
 * began has its default.
 * @throws DasyError BAD_OPTION, SQL_FILE_UNREADABLE, SQL_FILE_FAILED
 */
export function resolveStoredOptions(
  stored: StoredSettings,
  options: ResumeOptions,
  read: ReadSqlFile,
): Settings {
  const { table, reading, mapping, policy, limits, hooks } = stored
  const { maxRejects, maxDeletes, syncDespiteRejects } = options
  const given = resolveResumeOptions(options, read)
  return {
    table,
    reading: { ...given.reading, ...reading },
    mapping: { ...given.mapping, ...mapping },
    policy: {
      ...given.policy,
      ...policy,
      ...(maxRejects !== undefined && { maxRejects: parseLimit('--max-rejects', maxRejects) }),
      sync: resumedSync(policy.sync, { maxDeletes, syncDespiteRejects }),
    },
    limits: { ...given.limits, ...limits },
    hooks: { before: readAgain(hooks.before, read), after: readAgain(hooks.after, read) },
    tuning: given.tuning,
  }
}

/**
 * Checks the options of `resume` before the run is known: only then it is known whether it deletes rows.
 * @throws DasyError BAD_OPTION
 */
export function resolveResumeOptions(
  { maxDeletes, syncDespiteRejects, skipConflicts, ...others }: ResumeOptions,
  read: ReadSqlFile,
): Settings {
  if (maxDeletes !== undefined) parseLimit('--max-deletes', maxDeletes)
  return resolveOptions(others, read)
}

/** @throws DasyError BAD_OPTION if the run deletes nothing */
function resumedSync(
  stored: SyncSettings | undefined,
  { maxDeletes, syncDespiteRejects }: Pick<ResumeOptions, 'maxDeletes' | 'syncDespiteRejects'>,
): SyncSettings | undefined {
  if (!stored) {
    const flag = maxDeletes === undefined ? '--sync-despite-rejects' : '--max-deletes'
    if (maxDeletes !== undefined || syncDespiteRejects)
      throw badOption(flag, 'the run was begun without --sync')
    return undefined
  }
  return {
    ...stored,
    ...(maxDeletes !== undefined && { maxDeletes: parseLimit('--max-deletes', maxDeletes) }),
    ...(syncDespiteRejects !== undefined && { despiteRejects: syncDespiteRejects }),
  }
}

/** The paths of the SQL files that have changed since a run began. */
export function changedFiles({ hooks: stored }: StoredSettings, { hooks }: Settings): string[] {
  const known = [...stored.before, ...stored.after].map(({ digest }) => digest)
  return [...hooks.before, ...hooks.after]
    .filter(({ digest }) => !known.includes(digest))
    .map(({ path }) => path)
}

function readAgain(marks: readonly SqlFileMark[], read: ReadSqlFile) {
  const paths = marks.map(({ path }) => path)
  return readSqlFiles(paths, read)
}
