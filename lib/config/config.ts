import { dirname, resolve } from 'node:path'
import { nearest } from '../base/did-you-mean.js'
import { DasyError, EXIT } from '../base/errors.js'
import { resolveOptions } from '../contract/settings.js'
import { readSqlFile } from '../script/sql-file.js'
import { withoutSecrets } from '../source/url.js'
import { type Dataset, type DatasetEntry, toDataset } from './dataset.js'
import { JsonDocument } from './document.js'
import { belongs } from './patterns.js'
import { validate } from './validate.js'

/** What a dasy.config.json may contain. */
interface Entries {
  readonly datasets?: Record<string, DatasetEntry>
  readonly historyDays?: number
}

/** A dasy.config.json: its datasets, and what holds for all commands. */
export class Config {
  readonly #document: JsonDocument
  readonly #folder: string
  readonly #datasets: readonly Dataset[]

  private constructor(
    document: JsonDocument,
    folder: string,
    datasets: readonly Dataset[],
    /** How many days old values are kept; undefined if it does not say. */
    readonly historyDays: number | undefined,
  ) {
    this.#document = document
    this.#folder = folder
    this.#datasets = datasets
  }

  /**
   * @param path as the user named it
   * @throws DasyError BAD_CONFIG (exit status 2) with line and column
   */
  static parse(path: string, text: string): Config {
    const document = new JsonDocument(path, text.replace(/^\uFEFF/, ''))
    validate(document)
    const { datasets = {}, historyDays } = document.value as Entries
    const folder = dirname(resolve(path))
    for (const [name, entry] of Object.entries(datasets)) refuseBadValues(document, name, entry)
    const found = Object.entries(datasets).map(([name, entry]) => toDataset(name, entry, folder))
    return new Config(document, folder, found, historyDays)
  }

  get names(): readonly string[] {
    return this.#datasets.map(({ name }) => name)
  }

  /** @throws DasyError DATASET_NOT_FOUND (exit status 2) */
  named(name: string): Dataset {
    const dataset = this.#datasets.find((each) => each.name === name)
    if (dataset) return dataset
    const { names } = this
    const near = nearest(name, names)
    throw new DasyError('DATASET_NOT_FOUND', `${this.#document.name} has no dataset "${name}"`, {
      hint: near ? `Did you mean "${near}"?` : `It has: ${names.join(', ') || 'none'}.`,
      exitStatus: EXIT.usage,
      details: { file: this.#document.name, dataset: name, nearest: near },
    })
  }

  /**
   * The dataset to which a source belongs.
   * @throws DasyError DATASET_AMBIGUOUS (exit status 2)
   */
  datasetOf(source: string): Dataset | undefined {
    const fitting = this.#datasets.filter(({ files }) => belongs(source, files, this.#folder))
    if (fitting.length <= 1) return fitting[0]
    const names = fitting.map(({ name }) => name)
    const shown = withoutSecrets(source)
    throw new DasyError('DATASET_AMBIGUOUS', `${shown} matches the datasets ${names.join(' and ')}`, {
      hint: `Name one: --dataset ${names[0]}`,
      exitStatus: EXIT.usage,
      details: { source: shown, datasets: names },
    })
  }

  /** An error at a dataset's name. */
  failure({ name }: Dataset, message: string, hint: string): DasyError {
    return this.#document.failure(['datasets'], message, hint, name)
  }
}

/** Checks what the schema cannot: whether names, sizes and characters are valid, and consistent with each other. */
function refuseBadValues(document: JsonDocument, dataset: string, entry: DatasetEntry): void {
  const { before, after, views, files, ...options } = entry
  try {
    resolveOptions(options, readSqlFile)
  } catch (error) {
    if (!(error instanceof DasyError) || error.code !== 'BAD_OPTION') throw error
    const property = propertyOf(String(error.details.option))
    const path = ['datasets', dataset]
    const isThere = Object.hasOwn(entry, property)
    throw document.failure(isThere ? [...path, property] : path, error.message, error.hint)
  }
}

/** The property of a flag: maxRejects for --max-rejects, header for --no-header. */
function propertyOf(flag: string): string {
  if (flag === '--into') return 'aggregates'
  return flag.replace(/^--(no-)?/, '').replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}
