import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { DasyError } from '../base/errors.js'
import { sqlDirectory } from '../base/package.js'
import { refuseForeignSchema } from './foreign-schema.js'
import { lockMigrations } from './locks.js'
import type { Session } from './session.js'
import { query, sqlFile, statement } from './sql.js'

/**
 * Migrations of the schema `dasy`: numbered files under sql/migrations, never changed once they are released, each applied
 * in a transaction of its own. Several processes may call `migrate` at the same time: an advisory lock serializes them.
 */

export interface Migration {
  readonly number: number
  readonly name: string
}

export interface MigrationStatus extends Migration {
  readonly appliedAt: Date | null
}

/** A migration as a database records it. */
interface Applied extends Migration {
  readonly applied_at: Date
  /** Null in a database made by a version before the first release. */
  readonly checksum: string | null
}

export function migrations(): Migration[] {
  return readdirSync(new URL('migrations/', sqlDirectory))
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => ({ number: Number.parseInt(file, 10), name: file.replace(/^\d+_|\.sql$/g, '') }))
}

function textOf({ number, name }: Migration): string {
  return sqlFile(`migrations/${String(number).padStart(6, '0')}_${name}`)
}

/** Independent of the line ends of the checkout. */
function checksumOf(migration: Migration): string {
  return createHash('sha256').update(textOf(migration).replaceAll('\r\n', '\n')).digest('hex')
}

/**
 * Applies the migrations that the database does not have.
 * @returns those migrations
 * @throws DasyError SCHEMA_TOO_NEW, MIGRATION_CHANGED, FOREIGN_SCHEMA
 */
export async function migrate(session: Session): Promise<Migration[]> {
  // The tables of the schema are not read before it is known whose they are.
  const [exists] = await session.together(() => [isThere(session), refuseForeignSchema(session)])
  const known = migrations()
  const before = exists ? await listMigrations(session) : []
  refuseChanged(before, known)
  refuseNewer(before, known)
  if (before.at(-1)?.number === known.at(-1)?.number) return []

  const applied: Migration[] = []
  for (const migration of known) {
    await session.transaction(async () => {
      await lockMigrations(session)
      if ((await appliedMigrations(session)).some(({ number }) => number === migration.number)) return
      if (migration.number === 1) await session.run(statement('db/create_schema'))
      await session.run(textOf(migration))
      const values = [migration.number, migration.name, checksumOf(migration)]
      await session.run(RECORD, values)
      applied.push(migration)
    })
  }
  return applied
}

const RECORD = query`INSERT INTO dasy.migrations (number, name, checksum) VALUES ($1, $2, $3)`

/**
 * Migrates a schema that will be removed, so that this version knows all objects in it.
 * @returns false if a migration was applied in another form: this version can only drop the schema
 * @throws DasyError SCHEMA_TOO_NEW, FOREIGN_SCHEMA
 */
export async function migrateToRemove(session: Session): Promise<boolean> {
  await refuseForeignSchema(session)
  if (firstChanged(await appliedMigrations(session), migrations())) return false
  await migrate(session)
  return true
}

/** For commands that only read: migrates the schema if it exists. @returns whether it does */
export async function migrateIfThere(session: Session): Promise<boolean> {
  const exists = await isMigrated(session)
  if (exists) await migrate(session)
  return exists
}

/** @throws DasyError SCHEMA_TOO_NEW, MIGRATION_CHANGED */
export async function migrationStatus(session: Session): Promise<MigrationStatus[]> {
  const known = migrations()
  const applied = await appliedMigrations(session)
  refuseChanged(applied, known)
  refuseNewer(applied, known)
  const appliedAt = new Map(applied.map((row) => [row.number, row.applied_at]))
  return known.map((each) => ({ ...each, appliedAt: appliedAt.get(each.number) ?? null }))
}

export async function isMigrated(session: Session): Promise<boolean> {
  return (await appliedMigrations(session)).length > 0
}

/** In ascending order; none if there is no schema. */
async function appliedMigrations(session: Session): Promise<Applied[]> {
  return (await isThere(session)) ? await listMigrations(session) : []
}

async function isThere(session: Session): Promise<boolean> {
  return (await session.row<{ exists: boolean }>(statement('db/has_schema')))?.exists ?? false
}

function listMigrations(session: Session): Promise<Applied[]> {
  return session.rows<Applied>(statement('db/list_migrations'))
}

function refuseNewer(applied: readonly Applied[], known: readonly Migration[]): void {
  const newest = known.at(-1)?.number ?? 0
  const last = applied.at(-1)?.number ?? 0
  if (last <= newest) return
  throw new DasyError(
    'SCHEMA_TOO_NEW',
    `the schema dasy in this database has migration ${last}, but this version of dasy knows only up to ${newest}`,
    { hint: 'Use the version of dasy that migrated it, or a later one.' },
  )
}

function refuseChanged(applied: readonly Applied[], known: readonly Migration[]): void {
  const changed = firstChanged(applied, known)
  if (!changed) return
  const { number, name } = changed
  throw new DasyError(
    'MIGRATION_CHANGED',
    `migration ${number} (${name}) in this database differs from the one in this version of dasy`,
    {
      hint: 'A version before the first release applied it, or it was changed afterwards. Recreate the schema: "dasy migrate down" removes the schema dasy with its history, the aggregates, and the table products if dasy created it; then "dasy migrate up".',
      details: { migration: number },
    },
  )
}

function firstChanged(applied: readonly Applied[], known: readonly Migration[]): Applied | undefined {
  const checksums = new Map(known.map((migration) => [migration.number, checksumOf(migration)]))
  return applied.find(({ number, checksum }) => checksums.has(number) && checksums.get(number) !== checksum)
}
