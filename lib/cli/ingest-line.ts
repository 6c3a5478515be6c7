import type { Inspection, Proposal } from '../api/inspect.js'
import { type Arguments, camelCase } from './command.js'

/**
 * The command line that would load what was inspected.
 * @param argv of the inspection
 * @param flags what of it decides how a source is read
 * @param isTyped whether types are settled already
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
  // To leave out all of them is no load.
  if (rejected > 0 && rejected < records) words.push('--max-rejects', `${rejected}`)
  return words.map(shellWord).join(' ')
}

/** Options whose flag is spelled otherwise. */
const FLAGS: Readonly<Record<string, string>> = { skipLines: 'skip-lines', lenientQuotes: 'lenient-quotes' }

/** What columns without repeats are called that are meant as keys. */
const KEY_NAME =
  /(?:^|[\s_-])(?:id|sku|key|code|no|nr|number|ean|gtin|upc|isbn|asin|uuid)$|[a-z](?:Id|ID|Key|Code)$/i

function flagWords(flag: string, value: unknown): string[] {
  if (value === undefined) return []
  if (Array.isArray(value)) return value.flatMap((each) => flagWords(flag, each))
  if (typeof value === 'boolean') return [value ? `--${flag}` : `--no-${flag}`]
  const text = String(value)
  // It would be taken for a flag.
  return text.startsWith('-') ? [`--${flag}=${text}`] : [`--${flag}`, text]
}

/** A name with a comma or a bracket cannot be said in --types. */
function typesOf(columns: Proposal['columns']): string {
  return columns
    .filter(({ name, type }) => type !== 'text' && !/[,():]/.test(name))
    .map(({ name, type }) => `${name}:${type}`)
    .join(',')
}

/** A file without the usual key is no list of products: its table is called like the file. */
function tableName(source: string): string {
  const [, base = ''] = /([^/\\#?]*)(\?[^/]*)?$/.exec(source) ?? []
  const [stem = ''] = base.toLowerCase().split('.')
  return stem.replace(/[^a-z0-9_]+/g, '_').replace(/^[_0-9]+|_+$/g, '') || 'data'
}

/** As a POSIX shell takes it for this one word. */
function shellWord(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
