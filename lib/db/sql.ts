import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { sqlDirectory } from '../base/package.js'

/**
 * SQL text. A statement of a line or two stands where it is run, as query`…`; a longer one, or one that needs a comment,
 * is a file under `sql/`.
 *
 * Both take only a `Fragment` for what varies in the text: an identifier, a list of identifiers, part of a statement.
 * Values are never part of the text: they are parameters ($1, $2, …). Only this module makes a `Fragment`, so text that
 * was not quoted here cannot get into a statement.
 */

const quoted = Symbol('quoted')

export interface Fragment {
  readonly sql: string
  readonly [quoted]: true
}

function fragment(sql: string): Fragment {
  return { sql, [quoted]: true }
}

/** A quoted identifier, qualified if there are several parts: `ident('dasy', 'runs')`. */
export function ident(...parts: string[]): Fragment {
  return fragment(parts.map((part) => `"${part.replaceAll('"', '""')}"`).join('.'))
}

export function list(fragments: readonly Fragment[], separator = ', '): Fragment {
  return fragment(fragments.map(({ sql }) => sql).join(separator))
}

/** Part of a statement: sql`${column} IS NULL`. */
export function sql(text: TemplateStringsArray, ...parts: Fragment[]): Fragment {
  return fragment(String.raw({ raw: text }, ...parts.map((part) => part.sql)))
}

/** A whole statement: query`DROP TABLE ${table}`. */
export function query(text: TemplateStringsArray, ...parts: Fragment[]): string {
  return sql(text, ...parts).sql
}

/** A string constant, for the few places where PostgreSQL takes no parameter (options of COPY, DDL). */
export function literal(value: string): Fragment {
  const escaped = value.replaceAll("'", "''")
  return fragment(value.includes('\\') ? `E'${escaped.replaceAll('\\', '\\\\')}'` : `'${escaped}'`)
}

/** A whole number as a constant, for places where PostgreSQL takes no parameter. */
export function number(value: number): Fragment {
  if (!Number.isSafeInteger(value)) throw new Error(`${value} is not a whole number`)
  return fragment(String(value))
}

/** Text that the database itself has quoted (format_type, pg_get_constraintdef, regclass::text, …). */
export function fromCatalog(text: string): Fragment {
  return fragment(text)
}

/**
 * An expression of the user, in parentheses that it cannot close: the caller has checked that it is one expression
 * (lib/contract/condition.ts). The line end closes a comment at its end.
 */
export function expression(text: string): Fragment {
  return fragment(`(${text}\n)`)
}

const cache = new Map<string, string>()
const directory = fileURLToPath(sqlDirectory)

/** The text of `sql/<path>.sql`. */
export function sqlFile(path: string): string {
  let text = cache.get(path)
  if (text === undefined) {
    text = readFileSync(`${directory}${path}.sql`, 'utf8')
    cache.set(path, text)
  }
  return text
}

/**
 * The statement in `sql/<path>.sql`, with its placeholders `{name}` replaced.
 * @throws Error if a placeholder has no fragment
 */
export function statement(path: string, fragments: Readonly<Record<string, Fragment>> = {}): string {
  return sqlFile(path).replace(/\{([a-z_]+)\}/g, (_, name: string) => {
    const value = fragments[name]
    if (value === undefined) throw new Error(`sql/${path}.sql: no fragment for the placeholder {${name}}`)
    return value.sql
  })
}

/** Part of a statement that has a file of its own, with its placeholders replaced. */
export function part(path: string, fragments: Readonly<Record<string, Fragment>>): Fragment {
  return fragment(statement(path, fragments).trim())
}
