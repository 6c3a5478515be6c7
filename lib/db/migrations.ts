import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { DasyError } from '../base/errors.js'
import { sqlDirectory } from '../base/package.js'
import { refuseForeignSchema } from './foreign-schema.js'
import type { Session } from './session.js'
import { sqlFile, statement } from './sql.js'

/**
 * The schema `dasy`: numbered files under sql/migrations, append-only, each in a transaction of its own.
 * Any number of processes may call `migrate` at once: they queue up for an advisory lock, and whoever
 * comes later finds the work done.
 */

export interface Migration {
  readonly number: number
  readonly name: string
}

export interface MigrationStatus extends Migration {
  readonly appliedAt: Date | null
}

/** One that a database has. */
interface Applied extends Migration {
  readonly applied_at: Date
  /** Null in a database of a version before the first release. */
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

/** Of the text, however the checkout ends its lines. */
function checksumOf(migration: Migration): string {
  return createHash('sha256').update(textOf(migration).replaceAll('\r\n', '\n')).digest('hex')
}

/**
 * Brings the schema up to date.
 * @returns the migrations that were applied now
 * @throws DasyError SCHEMA_TOO_NEW, MIGRATION_CHANGED, FOREIGN_SCHEMA
 */
export async function migrate(session: Session): Promise<Migration[]> {
  await refuseForeignSchema(session)
  const known = migrations()
  const before = await appliedMigrations(session)
  refuseChanged(before, known)
  refuseNewer(before, known)
  if (before.at(-1)?.number === known.at(-1)?.number) return []

  const applied: Migration[] = []
  for (const migration of known) {
    await session.transaction(async () => {
      await session.run(statement('catalog/lock_migrations'))
      if ((await appliedMigrations(session)).some(({ number }) => number === migration.number)) return
      if (migration.number === 1) await session.run(statement('catalog/create_schema'))
      await session.run(textOf(migration))
      const values = [migration.number, migration.name, checksumOf(migration)]
      await session.run(statement('catalog/record_migration'), values)
      applied.push(migration)
    })
  }
  return applied
}

/**
 * For one who removes the schema: brings it up to date, so that all of it is known.
 * @returns false where it was made in another form, which this version can only drop
 * @throws DasyError SCHEMA_TOO_NEW, FOREIGN_SCHEMA
 */
export async function migrateToRemove(session: Session): Promise<boolean> {
  await refuseForeignSchema(session)
  if (firstChanged(await appliedMigrations(session), migrations())) return false
  await migrate(session)
  return true
}

/** The same for a command that only reads: it makes no schema where there is none. @returns whether there is one */
export async function migrateIfThere(session: Session): Promise<boolean> {
  const isThere = await isMigrated(session)
  if (isThere) await migrate(session)
  return isThere
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

/** In their order; none without a schema. */
async function appliedMigrations(session: Session): Promise<Applied[]> {
  const there = await session.row<{ there: boolean }>(statement('catalog/has_schema'))
  return there?.there ? await session.rows<Applied>(statement('catalog/list_migrations')) : []
}

function refuseNewer(applied: readonly Applied[], known: readonly Migration[]): void {
  const newest = known.at(-1)?.number ?? 0
  const last = applied.at(-1)?.number ?? 0
  if (last <= newest) return
  throw new DasyError(
    'SCHEMA_TOO_NEW',
    `the schema dasy in this database is at migration ${last}; this version knows ${newest}`,
    { hint: 'Use the version of dasy that made it, or a later one.' },
  )
}

/** What this version takes a database to hold, it must hold. */
function refuseChanged(applied: readonly Applied[], known: readonly Migration[]): void {
  const changed = firstChanged(applied, known)
  if (!changed) return
  const { number, name } = changed
  throw new DasyError(
    'MIGRATION_CHANGED',
    `migration ${number} (${name}) was applied to this database in another form than this version of dasy has it`,
    {
      hint: 'A version before the first release made it, or it was changed since. Make it anew: "dasy migrate down" removes the schema dasy with its history, the aggregates, and the table products if dasy made it; then "dasy migrate up".',
      details: { migration: number },
    },
  )
}

function firstChanged(applied: readonly Applied[], known: readonly Migration[]): Applied | undefined {
  const checksums = new Map(known.map((migration) => [migration.number, checksumOf(migration)]))
  return applied.find(({ number, checksum }) => checksums.has(number) && checksums.get(number) !== checksum)
}
