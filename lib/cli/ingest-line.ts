import type { Inspection } from '../inspect.js'
import { type Arguments, camelCase } from './command.js'

/**
 * The command line that would load what was inspected.
 * @param argv of the inspection
 * @param flags what of it decides how a source is read
 * @param isTyped whether types are settled already
 */
export function ingestLine(
  found: Inspection,
  argv: Arguments,
  flags: readonly string[],
  isTyped: boolean,
): string {
  const given = flags.flatMap((flag) => flagWords(flag, argv[camelCase(flag)]))
  const words = ['dasy', 'ingest', ...argv.source, ...given]
  if (found.key === null) {
    if (argv.table === undefined) words.push('--table', tableName(argv.source[0]))
    words.push('--key', ':row')
  }
  const types = isTyped ? '' : typesOf(found)
  if (types !== '') words.push('--types', types)
  if (found.rejected > 0) words.push('--max-rejects', `${found.rejected}`)
  return words.map(shellWord).join(' ')
}

function flagWords(flag: string, value: unknown): string[] {
  if (value === undefined) return []
  if (Array.isArray(value)) return value.flatMap((each) => flagWords(flag, each))
  if (typeof value === 'boolean') return [value ? `--${flag}` : `--no-${flag}`]
  const text = String(value)
  // It would be taken for a flag.
  return text.startsWith('-') ? [`--${flag}=${text}`] : [`--${flag}`, text]
}

/** A name with a comma or a bracket cannot be said in --types. */
function typesOf({ columns }: Inspection): string {
  return columns
    .filter(({ name, type }) => type !== 'text' && !/[,()]/.test(name))
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
