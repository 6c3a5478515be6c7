import { resolve } from 'node:path'
import type { LoadOptions } from '../contract/options.js'

type Names = string | readonly string[]

/** The settings of a dataset, named like the library's options. dasy.schema.json describes each. */
type DatasetOptions = Pick<
  LoadOptions,
  | 'table'
  | 'key'
  | 'map'
  | 'ignore'
  | 'set'
  | 'infer'
  | 'delimiter'
  | 'quote'
  | 'escape'
  | 'header'
  | 'columns'
  | 'skipLines'
  | 'trim'
  | 'encoding'
  | 'null'
  | 'lenientQuotes'
  | 'maxRejects'
  | 'maxRecord'
  | 'maxSize'
  | 'maxRatio'
  | 'duplicates'
  | 'onConflict'
  | 'aggregates'
  | 'sync'
  | 'syncWhere'
  | 'maxDeletes'
  | 'history'
>

/** A dataset as it is in dasy.config.json. */
export interface DatasetEntry extends DatasetOptions {
  readonly types?: Readonly<Record<string, string>>
  readonly files?: Names
  readonly before?: Names
  readonly after?: Names
  readonly views?: Names
}

/** A dataset with its paths made absolute. */
export interface Dataset {
  readonly name: string
  /** Patterns as they are written. */
  readonly files: readonly string[]
  readonly options: Omit<LoadOptions, 'types'> & Pick<DatasetEntry, 'types'>
  readonly views: readonly string[]
}

/** @param folder the folder of the configuration, to which paths are relative */
export function toDataset(name: string, entry: DatasetEntry, folder: string): Dataset {
  const { files, before, after, views, ...options } = entry
  const paths = (names: Names | undefined): string[] => list(names).map((path) => resolve(folder, path))
  return {
    name,
    files: list(files),
    options: {
      ...options,
      ...(before !== undefined && { before: paths(before) }),
      ...(after !== undefined && { after: paths(after) }),
    },
    views: paths(views),
  }
}

function list(names: Names | undefined): string[] {
  return [names ?? []].flat()
}
