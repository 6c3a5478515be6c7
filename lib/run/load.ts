import type { Settings } from '../contract/settings.js'
import { outcomeOptions } from '../contract/stored-settings.js'
import { displayName } from '../contract/table-name.js'
import type { StoredRun } from '../ledger/stored-run.js'
import type { PreparedSource } from '../ranges/prepared-source.js'
import type { Source } from '../source/source.js'
import { typedName } from '../source/standard-input.js'
import { Attempts, type RunEnvironment } from './attempts.js'
import type { Again } from './failure.js'

export type LoadCommand = 'ingest' | 'update'

/** What is done with the sources: they are loaded, or only planned, or what was planned is applied. */
export type LoadMode = 'load' | 'plan' | 'apply'

/** Which sources to load, and how. */
export interface LoadTask {
  /** By whose rules. */
  readonly command: LoadCommand
  /** Loaded, if nothing else is said. */
  readonly mode?: LoadMode
  readonly settings: Settings
  readonly sources: readonly Source[]
  /** The run to resume. */
  readonly run?: number
  /** That run as it was a moment ago, if only this process can have changed it since. */
  readonly stored?: StoredRun
  /** Whether that run was taken from the queue. */
  readonly isOfQueue?: boolean
  /** The command that goes on with it, if it is not `dasy resume`. */
  readonly again?: Again
  /** By the ordinals of the sources: how a source was read before, if it need not be read again. */
  readonly recorded?: readonly (PreparedSource | undefined)[] | undefined
}

/** The command of the run, as the ledger has it. */
export function commandOf({ command, mode = 'load' }: Pick<LoadTask, 'command' | 'mode'>): string {
  return mode === 'load' ? command : 'plan'
}

/** What decides the outcome of the run, as the ledger has it. */
export function optionsOf({ command, mode = 'load', settings }: LoadTask): object {
  const options = outcomeOptions(settings)
  return mode === 'load' ? options : { ...options, as: command }
}

/** One load with all its attempts. */
export class Load extends Attempts {
  readonly task: LoadTask
  /** How the sources are read, found by the first attempt: the beginning of a pipe cannot be read again. */
  prepared: LoadTask['recorded']

  constructor(task: LoadTask, environment: RunEnvironment) {
    const { settings, sources } = task
    const source = sources.length === 1 ? typedName(sources[0] as Source) : sources.map(typedName)
    const facts = { command: commandOf(task), table: displayName(settings.table), source }
    super(environment, settings.tuning.retryMs, task.run, facts)
    if (task.again) this.again = task.again
    this.task = task
    this.prepared = task.recorded
    environment.events.subscribe(({ type }) => {
      if (type === 'progress') this.progressed()
    })
  }
}
