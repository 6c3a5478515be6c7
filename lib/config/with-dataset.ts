import { readFile } from 'node:fs/promises'
import { DasyError, EXIT, reasonOf } from '../base/errors.js'
import { Events } from '../contract/events.js'
import { defaults, type LoadOptions } from '../contract/options.js'
import { parseTableName, type TableName } from '../contract/table-name.js'
import { parseColumns, parseTypes } from '../contract/values.js'
import { expandSources } from '../source/expand.js'
import { withoutSecrets } from '../source/url.js'
import type { Config } from './config.js'
import type { Dataset } from './dataset.js'

/** Which dataset to use. */
export interface DatasetChoice {
  /** The path of the configuration: dasy.config.json in the working directory, if there is one. */
  readonly config?: string | undefined
  /** A name; if missing, the dataset is found by its file patterns. */
  readonly dataset?: string | undefined
  /** `update` makes no table, so it ignores the dataset's types for new columns. */
  readonly command?: 'ingest' | 'update' | undefined
}

/** Only in the working directory: a configuration in a parent folder could belong to another user, and can run SQL. */
const CONFIG = 'dasy.config.json'

/**
 * The options of a load, completed by those of its sources' dataset. The caller's options take precedence; in `map`, `set` and
 * `types` each name for itself.
 * @throws DasyError BAD_CONFIG, CONFIG_UNREADABLE, DATASET_NOT_FOUND, DATASET_AMBIGUOUS
 */
export async function withDataset(
  sources: readonly string[],
  options: LoadOptions,
  choice: DatasetChoice = {},
): Promise<LoadOptions> {
  const dataset = await datasetFor(sources, choice)
  const historyDays = options.historyDays ?? (await configuredHistoryDays(choice.config))
  const withDays = historyDays === undefined ? options : { ...options, historyDays }
  return dataset ? completed(sources, withDays, choice, dataset) : withDays
}

function completed(
  sources: readonly string[],
  options: LoadOptions,
  choice: DatasetChoice,
  dataset: Dataset,
): LoadOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const { map, set, types } = dataset.options
  if (choice.dataset === undefined)
    new Events(options.onEvent).note(
      `${sources.map(withoutSecrets).join(', ')}: dataset ${dataset.name} of ${choice.config ?? CONFIG}`,
    )
  const ofAll = {
    ...dataset.options,
    ...given,
    map: { ...map, ...options.map },
    set: { ...set, ...options.set },
  }
  if (choice.command === 'update') return { ...ofAll, types: options.types, infer: options.infer }
  return { ...ofAll, types: { ...types, ...parseTypes(options.types) } }
}

/**
 * A dataset by its name, with its configuration.
 * @throws DasyError BAD_CONFIG, CONFIG_UNREADABLE, DATASET_NOT_FOUND
 */
export async function findDataset(
  name: string,
  path: string | undefined,
): Promise<{ config: Config; dataset: Dataset }> {
  const config = await requireConfig(path)
  return { config, dataset: config.named(name) }
}

/**
 * The configuration, for what cannot do without.
 * @throws DasyError BAD_CONFIG, CONFIG_UNREADABLE
 */
export async function requireConfig(path = CONFIG): Promise<Config> {
  const config = await readConfig(path)
  if (!config) throw missing(path)
  return config
}

/** How many days old values are kept, as the configuration says; undefined if it does not. */
export async function configuredHistoryDays(path?: string): Promise<number | undefined> {
  const config = await readConfig(path ?? CONFIG)
  if (!config && path !== undefined) throw missing(path)
  return config?.historyDays
}

/** What the configuration says about the queue. */
export async function configuredQueue(
  path?: string,
): Promise<{ attempts?: number | undefined; shared?: readonly string[] | undefined }> {
  const config = await readConfig(path ?? CONFIG)
  return config ? { attempts: config.attempts, shared: config.shared } : {}
}

/** The datasets of the configuration: their names, and where they are loaded. */
export async function configuredDatasets(
  path?: string,
): Promise<{ name: string; table: string; key: string[] }[]> {
  const config = await readConfig(path ?? CONFIG)
  return (config?.datasets ?? []).map(({ name, options }) => ({
    name,
    table: options.table ?? defaults.table,
    key: parseColumns('key', options.key ?? defaults.key),
  }))
}

/** The tables that the configuration names. */
export async function configuredTables(path?: string): Promise<TableName[]> {
  return (await configuredDatasets(path)).map(({ table }) => parseTableName(table))
}

/** The names of all datasets; none if there is no configuration. */
export async function datasetNames(path = CONFIG): Promise<readonly string[]> {
  return (await readConfig(path))?.names ?? []
}

async function datasetFor(
  names: readonly string[],
  { config: path, dataset: name }: DatasetChoice,
): Promise<Dataset | undefined> {
  if (name !== undefined) return (await findDataset(name, path)).dataset
  const config = await readConfig(path ?? CONFIG)
  if (!config && path !== undefined) throw missing(path)
  if (!config) return undefined
  const sources = await expandSources(names)
  const found = sources.map((source) => config.datasetOf(source))
  const other = found.findIndex((each) => each !== found[0])
  if (other < 0) return found[0]
  const shown = sources.map(withoutSecrets)
  const [first, second] = [0, other].map(
    (index) =>
      `${shown[index]} ${found[index] ? `belongs to ${found[index]?.name}` : 'belongs to no dataset'}`,
  )
  throw new DasyError(
    'DATASET_AMBIGUOUS',
    `all sources of a load must belong to the same dataset; ${first}, ${second}`,
    {
      hint: 'Load them one after the other, or name the dataset with --dataset.',
      exitStatus: EXIT.usage,
      details: { sources: shown },
    },
  )
}

/** Imports the code that reads a configuration only if there is one. */
async function readConfig(path: string): Promise<Config | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new DasyError('CONFIG_UNREADABLE', `${path} cannot be read: ${reasonOf(error)}`, {
      details: { file: path },
    })
  }
  const { Config: Parser } = await import('./config.js')
  return Parser.parse(path, text)
}

function missing(path: string): DasyError {
  return new DasyError('CONFIG_UNREADABLE', `${path} does not exist`, {
    hint: 'Name the configuration with --config, or run dasy in its folder.',
    details: { file: path },
  })
}
