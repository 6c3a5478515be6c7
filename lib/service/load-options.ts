import { type Static, Type } from 'typebox'
import type { LoadOptions } from '../contract/options.js'
import { parsePairs } from '../contract/values.js'
import { OneOf } from './schemas/common.js'

/**
 * The options of a load over HTTP. Only these: none that reads a file of the host, runs SQL, or says how the host does its work.
 */

const List = Type.Union([Type.String(), Type.Array(Type.String())])
const Limit = Type.Union([Type.Integer({ minimum: 0 }), Type.String()])

/** `NAME=VALUE`, repeated, or in JSON an object. */
const Pairs = Type.Union([
  Type.Array(Type.String()),
  Type.String(),
  Type.Record(Type.String(), Type.String()),
])

const properties = {
  command: Type.Optional(
    OneOf(['ingest', 'update'], { description: 'By whose rules; update makes no table and no column' }),
  ),
  plan: Type.Optional(Type.Boolean({ description: 'Only plan it, to be applied later' })),
  name: Type.Optional(Type.String({ maxLength: 1000, description: 'The name of the source in receipts' })),
  dataset: Type.Optional(
    Type.String({ description: 'The dataset of the configuration whose settings to use' }),
  ),
  table: Type.Optional(Type.String({ maxLength: 300, description: 'TABLE, or SCHEMA.TABLE' })),
  key: Type.Optional(List),
  columns: Type.Optional(List),
  map: Type.Optional(Pairs),
  ignore: Type.Optional(List),
  set: Type.Optional(Pairs),
  types: Type.Optional(Type.Union([Type.String(), Type.Record(Type.String(), Type.String())])),
  infer: Type.Optional(Type.Boolean()),
  delimiter: Type.Optional(Type.String()),
  quote: Type.Optional(Type.String()),
  escape: Type.Optional(Type.String()),
  header: Type.Optional(Type.Boolean()),
  skipLines: Type.Optional(Type.Integer({ minimum: 0 })),
  trim: Type.Optional(Type.Boolean()),
  encoding: Type.Optional(Type.String()),
  null: Type.Optional(Type.String()),
  lenientQuotes: Type.Optional(Type.Boolean()),
  maxRecord: Type.Optional(Limit),
  maxRejects: Type.Optional(Limit),
  duplicates: Type.Optional(OneOf(['last', 'first', 'error'])),
  onConflict: Type.Optional(OneOf(['update', 'skip', 'error'])),
  existingOnly: Type.Optional(Type.Boolean()),
  sync: Type.Optional(Type.Boolean({ description: 'Delete the rows that the file does not have' })),
  maxDeletes: Type.Optional(Limit),
  syncDespiteRejects: Type.Optional(Type.Boolean()),
  history: Type.Optional(Type.Boolean()),
  wait: Type.Optional(Type.Boolean({ description: 'Answer when the run has ended' })),
}

const closed = { additionalProperties: false }

/** The query of a load whose file is the body. */
export const LoadQuery = Type.Object(properties, closed)

/** The body of a load whose file is elsewhere. */
export const LoadBody = Type.Object(
  {
    url: Type.Optional(Type.String({ maxLength: 8000, description: 'An http or https URL' })),
    upload: Type.Optional(Type.String({ maxLength: 100, description: 'The ID of an upload' })),
    ...properties,
  },
  closed,
)

/** The options of `inspect`: those that say how a source is read. */
export const InspectBody = Type.Object(
  {
    ...Type.Pick(LoadBody, [
      ...(['url', 'upload', 'name', 'dataset', 'key', 'columns', 'delimiter', 'quote', 'escape'] as const),
      ...(['header', 'skipLines', 'trim', 'encoding', 'null', 'lenientQuotes', 'maxRecord'] as const),
    ]).properties,
  },
  closed,
)

export type WantedLoad = Static<typeof LoadQuery>

/** What of it decides how records are loaded, as the library names it. */
export function toLoadOptions(wanted: WantedLoad): LoadOptions {
  const { command, plan, name, dataset, wait, map, set, ...options } = wanted
  return { ...options, map: pairsOf('map', map), set: pairsOf('set', set) }
}

function pairsOf(option: string, given: WantedLoad['map']): Readonly<Record<string, string>> | undefined {
  if (given === undefined) return undefined
  if (typeof given === 'object' && !Array.isArray(given)) return given as Record<string, string>
  return parsePairs(option, [given].flat() as string[])
}
