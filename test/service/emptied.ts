import { setTimeout as sleep } from 'node:timers/promises'
import type { TestDatabase } from '../support/database.js'

/** What a service that has just begun has made: tables, sequences and functions, as a DROP statement names them. */
export type Beginning = ReadonlySet<string>

const OBJECTS = `
  SELECT format('%s %s', kind, name) AS object
    FROM (SELECT CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                 oid::regclass::text, relnamespace
            FROM pg_class
           WHERE relkind IN ('r', 'p', 'v', 'm', 'S')
           UNION ALL
          SELECT 'ROUTINE', oid::regprocedure::text, pronamespace
            FROM pg_proc) AS o (kind, name, namespace)
    JOIN pg_namespace AS n ON n.oid = namespace
   WHERE nspname !~ '^(pg_|information_schema$|dasy_queue$)'
   ORDER BY kind DESC`

const KEPT = ['TABLE dasy.migrations', 'TABLE dasy.tokens']

export async function beginningOf(db: TestDatabase): Promise<Beginning> {
  return new Set((await db.rows<{ object: string }>(OBJECTS)).map(({ object }) => object))
}

/** Brings a database back to where a service has just begun: its first token is all that is there. */
export async function empty(db: TestDatabase, beginning: Beginning): Promise<void> {
  await nothingAtWork(db)
  for (const object of await beginningOf(db))
    if (!beginning.has(object)) await db.run(`DROP ${object.replace(' ', ' IF EXISTS ')} CASCADE`)
  const tables = [...beginning].filter((object) => object.startsWith('TABLE ') && !KEPT.includes(object))
  const names = tables.map((object) => object.replace('TABLE ', ''))
  await db.run(`TRUNCATE ${names.join(', ')}, dasy_queue._private_jobs RESTART IDENTITY CASCADE`)
  await db.run(`DELETE FROM dasy.tokens WHERE name <> 'admin'`)
}

/** An answer does not wait for what a worker does after it. */
async function nothingAtWork(db: TestDatabase): Promise<void> {
  const isAtWork = 'SELECT EXISTS (SELECT FROM dasy_queue._private_jobs WHERE locked_at IS NOT NULL)'
  for (let tries = 0; tries < 100 && (await db.value<boolean>(isAtWork)); tries++) await sleep(50)
}
