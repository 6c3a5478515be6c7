import type { Config } from '../config/config.js'
import type { Dataset } from '../config/dataset.js'
import { messageOf } from './file.js'

/** Names that programs give to files that they have not written completely. */
const UNFINISHED = ['.part', '.tmp', '.crdownload', '.filepart']

/** The dataset of a file, or why it has none. */
export type Match = { readonly dataset: Dataset } | { readonly reason: string }

const NO_DATASET: Match = { reason: 'it matches no dataset' }

/** Which files belong to which dataset, by their names alone. */
export class Matching {
  readonly #config: Config
  /** One for each dataset: large folders have many names. */
  readonly #matches: ReadonlyMap<Dataset, Match>
  readonly #companions: readonly string[]

  constructor(config: Config) {
    this.#config = config
    this.#matches = new Map(config.datasets.map((dataset) => [dataset, { dataset }]))
    this.#companions = config.datasets.flatMap((dataset) => companionEnding(dataset) ?? [])
  }

  /** Whether a name is that of a file that the watcher leaves alone without a word. */
  isNoFile(name: string): boolean {
    return (
      name.startsWith('.') || UNFINISHED.some((ending) => name.endsWith(ending)) || this.isCompanion(name)
    )
  }

  /** Whether a name may say of another file that it is complete. */
  isCompanion(name: string): boolean {
    return this.#companions.some((ending) => name.endsWith(ending))
  }

  match(path: string): Match {
    try {
      const dataset = this.#config.datasetOf(path)
      return (dataset && this.#matches.get(dataset)) ?? NO_DATASET
    } catch (error) {
      return { reason: messageOf(error) }
    }
  }
}

/** `.ok`, if the dataset has `"done": "*.ok"`. */
function companionEnding({ watch }: Dataset): string | undefined {
  return watch.done?.slice(1)
}

/**
 * The name of the file beside `name` that says that it is complete.
 * @returns undefined if there is none (yet), null if the dataset needs none
 */
export function companionOf(
  name: string,
  dataset: Dataset,
  names: ReadonlySet<string>,
): string | null | undefined {
  const ending = companionEnding(dataset)
  if (ending === undefined) return null
  return [name + ending, stemOf(name) + ending].find((each) => names.has(each))
}

/** The name without its extension. */
export function stemOf(name: string): string {
  const at = name.lastIndexOf('.')
  return at > 0 ? name.slice(0, at) : name
}
