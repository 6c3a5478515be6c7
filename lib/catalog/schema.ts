import { DasyError } from '../base/errors.js'
import { displayName, type TableName } from '../contract/table-name.js'
import { lockTableName } from '../db/locks.js'
import type { Session } from '../db/session.js'
import { ident, query, sql, statement } from '../db/sql.js'

/** The schema in which a table will be created. */
interface FoundSchema {
  /** Null if the search path names no schema that exists. */
  readonly schema: string | null
  readonly exists: boolean
  readonly mayCreateTables: boolean
  readonly mayCreateSchemas: boolean
  readonly role: string
}

/**
 * Checks that this role can create a table in its schema.
 * @returns the name of the schema if that does not exist and must be created first, else undefined
 * @throws DasyError SCHEMA_NOT_FOUND, PERMISSION_DENIED
 */
export async function missingSchema(session: Session, table: TableName): Promise<string | undefined> {
  const found = (await session.row<FoundSchema>(statement('catalog/find_schema'), [
    table.schema ?? null,
  ])) as FoundSchema
  const { schema, exists, mayCreateTables, mayCreateSchemas, role } = found
  if (schema === null) throw noSchemaInPath(table)
  if (exists && !mayCreateTables) throw mayNotCreate(table, schema, role)
  if (exists) return undefined
  if (schema.startsWith('pg_'))
    throw notFound(schema, 'Names that begin with pg_ are reserved for PostgreSQL.')
  if (!mayCreateSchemas) {
    const create = sql`CREATE SCHEMA ${ident(schema)} AUTHORIZATION ${ident(role)}`
    throw notFound(schema, `The role ${role} may not create it. Let another role run: ${create.sql}`)
  }
  return schema
}

/** Within a transaction: creates the schema of a new table, if it does not exist. */
export async function makeSchema(session: Session, table: TableName): Promise<void> {
  if ((await missingSchema(session, table)) === undefined) return
  // Loads into other tables of this schema may be creating it too.
  await lockTableName(session, { ...table, name: '' })
  const schema = await missingSchema(session, table)
  if (schema !== undefined) await session.run(query`CREATE SCHEMA ${ident(schema)}`)
}

function notFound(schema: string, hint: string): DasyError {
  return new DasyError('SCHEMA_NOT_FOUND', `the schema "${schema}" does not exist`, {
    hint,
    details: { schema },
  })
}

function noSchemaInPath(table: TableName): DasyError {
  const name = displayName(table)
  return new DasyError(
    'SCHEMA_NOT_FOUND',
    `cannot create ${name}: the search_path names no schema that exists`,
    {
      hint: `Name the schema: --table public.${ident(table.name).sql}`,
      details: { table: name },
    },
  )
}

function mayNotCreate(table: TableName, schema: string, role: string): DasyError {
  const grant = sql`GRANT CREATE ON SCHEMA ${ident(schema)} TO ${ident(role)}`
  return new DasyError(
    'PERMISSION_DENIED',
    `cannot create ${displayName(table)}: the role ${role} may not create tables in the schema ${schema}`,
    { hint: `Name another schema with --table, or: ${grant.sql}`, details: { schema } },
  )
}
