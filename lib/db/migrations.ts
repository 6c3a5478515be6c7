import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { DasyError } from '../errors.js'
import { sqlDirectory } from '../package.js'
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
  /** Null where it was applied before checksums were kept. */
  readonly checksum: string | null
}

/** The one that makes a place for checksums. */
const CHECKSUMS = 8

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
 * @param whatever also where one was applied in another form, for who removes the schema
 * @returns the migrations that were applied now
 * @throws DasyError SCHEMA_TOO_NEW, MIGRATION_CHANGED, FOREIGN_SCHEMA
 */
export async function migrate(session: Session, whatever = false): Promise<Migration[]> {
  await refuseForeignSchema(session)
  const known = migrations()
  const before = await appliedMigrations(session)
  refuseNewer(before, known)
  if (!whatever) refuseChanged(before, known)
  if (before.at(-1)?.number === known.at(-1)?.number) return []

  const applied: Migration[] = []
  for (const migration of known) {
    await session.transaction(async () => {
      await session.run(statement('catalog/lock_migrations'))
      if ((await appliedMigrations(session)).some(({ number }) => number === migration.number)) return
      if (migration.number === 1) await session.run(statement('catalog/create_schema'))
      await session.run(textOf(migration))
      await session.run(statement('catalog/record_migration'), [migration.number, migration.name])
      if (migration.number >= CHECKSUMS) await recordChecksums(session, known)
      applied.push(migration)
    })
  }
  return applied
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
  refuseNewer(applied, known)
  refuseChanged(applied, known)
  const appliedAt = new Map(applied.map((row) => [row.number, row.applied_at]))
  return known.map((each) => ({ ...each, appliedAt: appliedAt.get(each.number) ?? null }))
}

export async function isMigrated(session: Session): Promise<boolean> {
  return (await appliedMigrations(session)).length > 0
}

async function recordChecksums(session: Session, known: readonly Migration[]): Promise<void> {
  const values = [known.map(({ number }) => number), known.map(checksumOf)]
  await session.run(statement('catalog/record_checksums'), values)
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
  for (const migration of known) {
    const found = applied.find(({ number }) => number === migration.number)
    if (!found || found.checksum === null || found.checksum === checksumOf(migration)) continue
    const { number, name } = found
    throw new DasyError(
      'MIGRATION_CHANGED',
      `migration ${number} (${name}) was applied to this database in another form than this version of dasy has it`,
      {
        hint: 'Use the version of dasy that made the schema. Or make it anew, without its history: dasy migrate down, then dasy migrate up.',
        details: { migration: number },
      },
    )
  }
}
