import { readdirSync } from 'node:fs'
import { DasyError } from '../errors.js'
import { sqlDirectory } from '../package.js'
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

export function migrations(): Migration[] {
  return readdirSync(new URL('migrations/', sqlDirectory))
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => ({ number: Number.parseInt(file, 10), name: file.replace(/^\d+_|\.sql$/g, '') }))
}

function fileOf({ number, name }: Migration): string {
  return `migrations/${String(number).padStart(6, '0')}_${name}`
}

/**
 * Brings the schema up to date. @returns the migrations that were applied now
 * @throws DasyError FOREIGN_SCHEMA
 */
export async function migrate(session: Session): Promise<Migration[]> {
  await refuseForeignSchema(session)
  const known = migrations()
  if ((await appliedNumber(session)) === known.at(-1)?.number) return []

  const applied: Migration[] = []
  for (const migration of known) {
    await session.transaction(async () => {
      await session.run(statement('catalog/lock_migrations'))
      if ((await appliedNumber(session)) >= migration.number) return
      if (migration.number === 1) await session.run(statement('catalog/create_schema'))
      await session.run(sqlFile(fileOf(migration)))
      await session.run(statement('catalog/record_migration'), [migration.number, migration.name])
      applied.push(migration)
    })
  }
  return applied
}

/** What is in the schema runs with the rights of whoever uses it. */
async function refuseForeignSchema(session: Session): Promise<void> {
  const owners = await session.rows<{ owner: string }>(statement('catalog/schema_owners'))
  const [first] = owners
  if (!first) return
  const names = owners.map(({ owner }) => owner).join(', ')
  throw new DasyError(
    'FOREIGN_SCHEMA',
    `the schema dasy, or something in it, belongs to ${names}, who could run anything with the rights of this role, which may do more`,
    {
      hint: `Connect as ${first.owner}, or give it another owner: REASSIGN OWNED, or ALTER SCHEMA dasy OWNER TO and the same for what is in it.`,
      details: { owners: owners.map(({ owner }) => owner) },
    },
  )
}

export async function migrationStatus(session: Session): Promise<MigrationStatus[]> {
  const rows =
    (await appliedNumber(session)) === 0
      ? []
      : await session.rows<{ number: number; applied_at: Date }>(statement('catalog/list_migrations'))
  const appliedAt = new Map(rows.map((row) => [row.number, row.applied_at]))
  return migrations().map((each) => ({ ...each, appliedAt: appliedAt.get(each.number) ?? null }))
}

export async function isMigrated(session: Session): Promise<boolean> {
  return (await appliedNumber(session)) > 0
}

/**
 * The number of the last migration, 0 without a schema.
 * @throws DasyError SCHEMA_TOO_NEW if a later version of dasy made it
 */
async function appliedNumber(session: Session): Promise<number> {
  const there = await session.row<{ there: boolean }>(statement('catalog/has_schema'))
  if (!there?.there) return 0
  const last = await session.row<{ number: number }>(statement('catalog/last_migration'))
  const newest = migrations().at(-1)?.number ?? 0
  if (last && last.number > newest) {
    throw new DasyError(
      'SCHEMA_TOO_NEW',
      `the schema dasy in this database is at migration ${last.number}; this version knows ${newest}`,
      { hint: 'Use the version of dasy that made it, or a later one.' },
    )
  }
  return last?.number ?? 0
}
