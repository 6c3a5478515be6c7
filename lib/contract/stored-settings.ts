import type { ResumeOptions } from './options.js'
import { readSqlFiles, type Settings, tuningSettings } from './settings.js'
import { markOf, type ReadSqlFile, type SqlFileMark } from './sql-file.js'
import { parseLimit } from './values.js'

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
 * The settings of a run that is resumed, and its SQL files as they are now.
 * @throws DasyError BAD_OPTION, SQL_FILE_UNREADABLE, SQL_FILE_FAILED
 */
export function resolveStoredOptions(
  stored: StoredSettings,
  options: ResumeOptions,
  read: ReadSqlFile,
): Settings {
  const { policy, hooks } = stored
  const { maxRejects } = options
  return {
    ...stored,
    policy: maxRejects === undefined ? policy : { ...policy, maxRejects: parseLimit(maxRejects) },
    hooks: { before: readAgain(hooks.before, read), after: readAgain(hooks.after, read) },
    tuning: tuningSettings(options),
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
