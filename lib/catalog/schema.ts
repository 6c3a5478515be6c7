import { DasyError } from '../base/errors.js'
import { displayName, type TableName } from '../contract/table-name.js'
import { lockTableName } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { ident, sql, statement } from '../db/sql.js'

/** The schema in which a table is to be made. */
interface Found {
  /** Null where the search path leads nowhere. */
  readonly schema: string | null
  readonly there: boolean
  readonly mayMakeTables: boolean
  readonly mayMakeSchemas: boolean
  readonly role: string
}

/**
 * Finds out whether a table can be made where it is to be.
 * @returns the schema that has to be made first, if it has to
 * @throws DasyError SCHEMA_NOT_FOUND, PERMISSION_DENIED
 */
export async function missingSchema(session: Session, table: TableName): Promise<string | undefined> {
  const found = (await session.row<Found>(statement('catalog/find_schema'), [table.schema ?? null])) as Found
  const { schema, there, mayMakeTables, mayMakeSchemas, role } = found
  if (schema === null) throw noPlace(table)
  if (there && !mayMakeTables) throw mayNotMake(table, schema, role)
  if (there) return undefined
  if (schema.startsWith('pg_'))
    throw notFound(schema, 'Names that begin with pg_ are reserved for PostgreSQL.')
  if (!mayMakeSchemas) {
    const create = sql`CREATE SCHEMA ${ident(schema)} AUTHORIZATION ${ident(role)}`
    throw notFound(schema, `The role ${role} may not create it. Let another role run: ${create.sql}`)
  }
  return schema
}

/** Within a transaction: makes the schema of a table that is to be made, if there is none yet. */
export async function makeSchema(session: Session, table: TableName): Promise<void> {
  if ((await missingSchema(session, table)) === undefined) return
  // Loads of other tables in it may be about to make it as well.
  await lockTableName(session, { ...table, name: '' })
  const schema = await missingSchema(session, table)
  if (schema !== undefined)
    await session.run(statement('catalog/create_user_schema', { schema: ident(schema) }))
}

function notFound(schema: string, hint: string): DasyError {
  return new DasyError('SCHEMA_NOT_FOUND', `there is no schema "${schema}"`, { hint, details: { schema } })
}

function noPlace(table: TableName): DasyError {
  const name = displayName(table)
  return new DasyError(
    'SCHEMA_NOT_FOUND',
    `${name} cannot be made: the search_path names no schema that exists`,
    {
      hint: `Name the schema: --table public.${ident(table.name).sql}`,
      details: { table: name },
    },
  )
}

function mayNotMake(table: TableName, schema: string, role: string): DasyError {
  const grant = sql`GRANT CREATE ON SCHEMA ${ident(schema)} TO ${ident(role)}`
  return new DasyError(
    'PERMISSION_DENIED',
    `${displayName(table)} cannot be made: the role ${role} may not make tables in the schema ${schema}`,
    { hint: `Name another schema with --table, or: ${grant.sql}`, details: { schema } },
  )
}
