import { readFileSync } from 'node:fs'
import { sqlDirectory } from '../base/package.js'

/**
 * SQL text from the `.sql` files under `sql/`.
 *
 * A file may hold placeholders `{name}`. They stand for identifiers and lists of identifiers, never for
 * values: those are always parameters. Only this module makes a `Fragment`, so text that was not quoted here
 * cannot get into a statement.
 */

const quoted = Symbol('quoted')

export interface Fragment {
  readonly sql: string
  readonly [quoted]: true
}

function fragment(sql: string): Fragment {
  return { sql, [quoted]: true }
}

/** A quoted identifier, qualified where more than one part is given: `ident('dasy', 'runs')`. */
export function ident(...parts: string[]): Fragment {
  return fragment(parts.map((part) => `"${part.replaceAll('"', '""')}"`).join('.'))
}

export function list(fragments: readonly Fragment[], separator = ', '): Fragment {
  return fragment(fragments.map(({ sql }) => sql).join(separator))
}

/**
 * Puts fragments together with fixed text: sql`${column} IS NULL`.
 * Only fragments can be put in; the text between them is this program's own.
 */
export function sql(text: TemplateStringsArray, ...parts: Fragment[]): Fragment {
  return fragment(String.raw({ raw: text }, ...parts.map((part) => part.sql)))
}

/** A string constant, for the few places where PostgreSQL takes no parameter (COPY's options, DDL). */
export function literal(value: string): Fragment {
  const escaped = value.replaceAll("'", "''")
  return fragment(value.includes('\\') ? `E'${escaped.replaceAll('\\', '\\\\')}'` : `'${escaped}'`)
}

/** Text that the database itself has quoted (format_type, pg_get_constraintdef, regclass::text …). */
export function fromCatalog(text: string): Fragment {
  return fragment(text)
}

const cache = new Map<string, string>()

/** The text of `sql/<path>.sql`. */
export function sqlFile(path: string): string {
  let text = cache.get(path)
  if (text === undefined) {
    text = readFileSync(new URL(`${path}.sql`, sqlDirectory), 'utf8')
    cache.set(path, text)
  }
  return text
}

/** The statement `sql/<path>.sql` with its placeholders filled. Throws if one has no value. */
export function statement(path: string, fragments: Readonly<Record<string, Fragment>> = {}): string {
  return sqlFile(path).replace(/\{([a-z_]+)\}/g, (_, name: string) => {
    const value = fragments[name]
    if (value === undefined) throw new Error(`sql/${path}.sql: nothing was given for {${name}}`)
    return value.sql
  })
}

/** A part of a statement that has a file of its own, with its placeholders filled. */
export function part(path: string, fragments: Readonly<Record<string, Fragment>>): Fragment {
  return fragment(statement(path, fragments).trim())
}
