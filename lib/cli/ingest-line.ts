import type { Inspection, Proposal } from '../api/inspect.js'
import { type Arguments, camelCase } from './command.js'
import { shellWord } from './shell-word.js'

/**
 * The command line that loads the inspected sources.
 * @param argv the arguments of the inspection
 * @param flags those that the load needs too
 * @param isTyped whether --types, --infer or the dataset already says the types
 */
export function ingestLine(
  { proposal }: Inspection,
  argv: Arguments,
  flags: readonly string[],
  isTyped: boolean,
): string {
  const { options, key, keyCandidates, columns, records, rejected } = proposal
  const added = Object.entries(options).map(([name, value]): [string, unknown] => [
    FLAGS[name] ?? name,
    value,
  ])
  const replaced = added.map(([flag]) => flag)
  const given = flags
    .filter((flag) => !replaced.includes(flag))
    .map((flag): [string, unknown] => [flag, argv[camelCase(flag)]])
  const words = [
    'dasy',
    'ingest',
    ...argv.source,
    ...[...given, ...added].flatMap((each) => flagWords(...each)),
  ]
  if (key === null) {
    if (argv.table === undefined) words.push('--table', tableName(argv.source[0]))
    words.push('--key', keyCandidates.find((name) => KEY_NAME.test(name) && !name.includes(',')) ?? ':row')
  }
  const types = isTyped ? '' : typesOf(columns)
  if (types !== '') words.push('--types', types)
  // A load that rejects all records is useless.
  if (rejected > 0 && rejected < records) words.push('--max-rejects', `${rejected}`)
  return words.map(shellWord).join(' ')
}

/** The flags of options whose names differ. */
const FLAGS: Readonly<Record<string, string>> = { skipLines: 'skip-lines', lenientQuotes: 'lenient-quotes' }

/** Column names that are typical of keys. */
const KEY_NAME =
  /(?:^|[\s_-])(?:id|sku|key|code|no|nr|number|ean|gtin|upc|isbn|asin|uuid)$|[a-z](?:Id|ID|Key|Code)$/i

function flagWords(flag: string, value: unknown): string[] {
  if (value === undefined) return []
  if (Array.isArray(value)) return value.flatMap((each) => flagWords(flag, each))
  if (typeof value === 'boolean') return [value ? `--${flag}` : `--no-${flag}`]
  const text = String(value)
  // As a word of its own it would be read as a flag.
  return text.startsWith('-') ? [`--${flag}=${text}`] : [`--${flag}`, text]
}

/** The value of --types. Names with a comma, a colon or a bracket cannot be written there. */
function typesOf(columns: Proposal['columns']): string {
  return columns
    .filter(({ name, type }) => type !== 'text' && !/[,():]/.test(name))
    .map(({ name, type }) => `${name}:${type}`)
    .join(',')
}

/** A file without the default key is no product file, so its table gets the name of the file. */
function tableName(source: string): string {
  const [, base = ''] = /([^/\\#?]*)(\?[^/]*)?$/.exec(source) ?? []
  const [stem = ''] = base.toLowerCase().split('.')
  return stem.replace(/[^a-z0-9_]+/g, '_').replace(/^[_0-9]+|_+$/g, '') || 'data'
}
