import type { StoredSettings } from '../contract/stored-settings.js'
import type { StoredRun } from '../ledger/stored-run.js'
import type { LoadCommand, LoadMode } from '../run/load.js'

/** What a run was begun with. */
export interface PlanOfRun {
  readonly command: LoadCommand
  readonly mode: LoadMode
  readonly options: StoredSettings
}

/** A plan has stored by whose rules it loads. */
export function planOf({ command, options }: Pick<StoredRun, 'command' | 'options'>): PlanOfRun {
  const { as, ...settings } = options as StoredSettings & { readonly as?: LoadCommand }
  return command === 'plan'
    ? { command: as ?? 'ingest', mode: 'plan', options: settings }
    : { command: command as LoadCommand, mode: 'load', options: settings }
}
