import { DasyError } from '../base/errors.js'
import { OWN_SCHEMA } from '../base/own-schema.js'
import { refuseForeignCode } from '../catalog/foreign-code.js'
import { inspectTarget, type TargetColumn } from '../catalog/target.js'
import type { Settings } from '../contract/settings.js'
import { displayName } from '../contract/table-name.js'
import { badValue } from '../contract/values.js'
import { sqlState } from '../db/failures.js'
import type { Session } from '../db/session.js'
import { fromCatalog, ident, list, query, sql } from '../db/sql.js'
import { type Mapping, storedAs } from './columns.js'
import { match, requireMatch } from './matching.js'

/** The columns that a load adds, as the catalog will describe them, by their names in the table. */
export type NewTypes = ReadonlyMap<string, TargetColumn>

/**
 * The types that --types names.
 * @throws DasyError BAD_OPTION for an unknown type, COLUMN_NOT_FOUND, TYPE_DIFFERS
 */
export async function wantedTypes(
  session: Session,
  mapping: Mapping,
  settings: Settings,
  file: string,
): Promise<NewTypes> {
  const { types } = settings.mapping
  const byColumn = new Map<string, string>()
  for (const [name, type] of Object.entries(types)) {
    await requireType(session, type)
    byColumn.set(columnNamed(mapping, name, file), type)
  }
  const described = await describeTypes(session, byColumn, settings.tuning.trustOwner)
  for (const { target, stored, added, key } of mapping.columns) {
    const wanted = described.get(target)
    if (wanted && key && !wanted.hashable && !wanted.comparable)
      throw badValue(
        '--types',
        `${target}:${wanted.type}`,
        'this type has no equality, so it cannot be part of the key',
      )
    if (!wanted || mapping.isNew || added || wanted.type === stored.type) continue
    throw new DasyError(
      'TYPE_DIFFERS',
      `--types "${target}:${wanted.type}": the column exists in ${displayName(settings.table)} as ${stored.type}`,
      {
        hint: '--types is for columns that the load adds: leave this one out of --types, or alter the table.',
        details: { column: target, type: stored.type },
      },
    )
  }
  return described
}

/** The name in the table of a column that --types names by its name in the table or in the file. */
function columnNamed({ columns }: Mapping, name: string, file: string): string {
  const what = `--types "${name}"`
  const column =
    match(name, columns, ({ target }) => target, what) ?? match(name, columns, ({ source }) => source, what)
  return (
    column?.target ??
    requireMatch(
      '--types',
      name,
      columns.map(({ source }) => source),
      file,
    )
  )
}

/** The mapping with these types for the columns that the load adds. */
export function withTypes(mapping: Mapping, types: NewTypes): Mapping {
  if (types.size === 0) return mapping
  const columns = mapping.columns.map((column) => {
    const stored = types.get(column.target)
    return stored && (mapping.isNew || column.added) ? storedAs(column, stored) : column
  })
  const key = mapping.key.map(
    ({ target }) => columns.find((column) => column.target === target) as (typeof columns)[0],
  )
  return { ...mapping, columns, key }
}

/**
 * What the catalog says of columns with these types: makes a table with them, inspects it and drops it again.
 * @param types by the names of the columns
 * @throws DasyError BAD_OPTION for an unknown type, FOREIGN_CODE
 */
export async function describeTypes(
  session: Session,
  types: ReadonlyMap<string, string>,
  trustOwner = false,
): Promise<NewTypes> {
  if (types.size === 0) return new Map()
  const probe = { schema: OWN_SCHEMA, name: `types_${session.backend}` }
  const table = ident(probe.schema, probe.name)
  const columns = [...types].map(([name, type]) => sql`${ident(name)} ${fromCatalog(type)}`)
  try {
    return await session.transaction(async () => {
      await session.run(query`CREATE TABLE ${table} (${list(columns)})`)
      const described = await inspectTarget(session, probe)
      if (described && !trustOwner) await refuseForeignCode(session, described)
      await session.run(query`DROP TABLE ${table}`)
      return new Map(described?.columns.map((column) => [column.name, { ...column, attribute: 0 }]))
    })
  } catch (error) {
    throw unknownType(error, [...types.values()].join(', '))
  }
}

/** The text becomes part of statements, so it must be the name of a type and nothing else. */
async function requireType(session: Session, type: string): Promise<void> {
  const row = await session
    .row<{ there: boolean }>(query`SELECT to_regtype($1) IS NOT NULL AS there`, [type])
    .catch((error) => Promise.reject(unknownType(error, type)))
  if (row?.there && !/--|\/\*|[\r\n]/.test(type)) return
  throw badValue('--types', type, 'PostgreSQL has no such type')
}

/** SQLSTATE class 42 is about names and syntax, 22023 about the length of a type, 54 about limits. */
function unknownType(error: unknown, type: string): unknown {
  const isAboutType = /^(42(?!501)|22023$|0A000$|54)/.test(sqlState(error) ?? '')
  return isAboutType ? badValue('--types', type, (error as DasyError).message) : error
}
