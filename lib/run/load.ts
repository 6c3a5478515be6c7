import type { Settings } from '../contract/settings.js'
import type { PreparedSource } from '../ranges/prepared-source.js'
import type { Source } from '../source/source.js'
import { Attempts, type RunEnvironment } from './attempts.js'

export type LoadCommand = 'ingest' | 'update'

/** Which sources to load, and how. */
export interface LoadTask {
  readonly command: LoadCommand
  readonly settings: Settings
  readonly sources: readonly Source[]
  /** The run to resume. */
  readonly run?: number
  /** By the ordinals of the sources: how a source was read before, if it need not be read again. */
  readonly recorded?: readonly (PreparedSource | undefined)[] | undefined
}

/** One load with all its attempts. */
export class Load extends Attempts {
  readonly task: LoadTask
  /** How the sources are read, found by the first attempt: the beginning of a pipe cannot be read again. */
  prepared: LoadTask['recorded']

  constructor(task: LoadTask, environment: RunEnvironment) {
    super(environment, task.settings.tuning.retryMs, task.run)
    this.task = task
    this.prepared = task.recorded
    environment.events.subscribe(({ type }) => {
      if (type === 'progress') this.progressed()
    })
  }
}
