import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { clean, migrateUp } from './compiled.js'
import { PATIENCE_MS, TestDatabase } from './database.js'
import { TestRun } from './test-run.mjs'

/**
 * Everything in a schema that has a name (tables, indexes, sequences, functions, types), but what keeps an aggregate, or the
 * changes of a run.
 */
const OBJECTS = `
  SELECT format('%s %s', kind, name) AS object
    FROM (
           SELECT 'relation', c.oid::regclass::text, c.relnamespace FROM pg_class AS c
            UNION ALL
           SELECT 'function', p.oid::regprocedure::text, p.pronamespace FROM pg_proc AS p
            UNION ALL
           SELECT 'type', y.oid::regtype::text, y.typnamespace FROM pg_type AS y
         ) AS objects (kind, name, schema)
    JOIN pg_namespace AS n ON n.oid = objects.schema
   WHERE n.nspname = $1
     AND NOT EXISTS (
           SELECT FROM dasy.aggregates AS g
            WHERE name ~ format('^dasy\\.(groups|marks|epochs|follow|amend)_%s(_level|_value|\\(\\)|\\[\\])?$', g.aggregate))
     AND NOT EXISTS (
           SELECT FROM dasy.change_sets AS s
            WHERE s.kind = 'own' AND name ~ format('^dasy\\.changes_%s(_hash_idx|\\[\\])?$', s.run))
   ORDER BY 1`

/** Tables, views and sequences that belong to no one else, in the user's schemas, and those schemas. */
const USER_OBJECTS = `
  SELECT CASE WHEN n.nspname = 'public' THEN c.relname ELSE format('%s.%s', n.nspname, c.relname) END AS object
    FROM pg_class AS c
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
   WHERE c.relkind NOT IN ('i', 'I', 't', 'c')
     AND n.nspname !~ '^(pg_|information_schema$|dasy$|oracle$)'
   UNION ALL
  SELECT p.oid::regprocedure::text
    FROM pg_proc AS p
    JOIN pg_namespace AS n ON n.oid = p.pronamespace
   WHERE n.nspname !~ '^(pg_|information_schema$|dasy$|oracle$)'
   ORDER BY 1`

const ADVISORY_LOCKS = `
  SELECT format('lock %s, %s', classid, objid) AS object
    FROM pg_locks
   WHERE locktype = 'advisory'
     AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
   ORDER BY 1`

const BACKENDS = `
  SELECT format('%s: %s %s', application_name, state, query) AS object
    FROM pg_stat_activity
   WHERE datname = current_database()
     AND application_name LIKE 'dasy%'
   ORDER BY 1`

/** What a run stages, and what it makes of that, where the run has ended. */
const STAGING_OF_ENDED = `
  SELECT c.relname AS object
    FROM pg_class AS c
    JOIN dasy.runs AS r ON r.run = substring(c.relname FROM '^[a-z]+_(\\d+)')::bigint
   WHERE c.relnamespace = 'dasy'::regnamespace
     AND c.relkind = 'r'
     AND c.relname ~ '^(staging|duplicate_keys|losers|counts|prepared|classified)_\\d+(_\\d+)?$'
     AND r.state = 'ended'`

export interface Allowed {
  /** Tables and views that the user's schemas hold, sequences and functions included. */
  readonly tables?: readonly string[]
  /** How many runs stopped and can be gone on with: what they staged stays until they are given up. */
  readonly stopped?: number
}

/** That nothing of a run, or of several, is left besides what it was run for. */
export async function assertNothingLeft(
  t: Test,
  db: TestDatabase,
  { tables = ['products', 'products_agg'], stopped = 0 }: Allowed = {},
): Promise<void> {
  const list = (query: string, values?: unknown[]) => objects(db, query, values)
  const deadline = Date.now() + PATIENCE_MS
  const passing = async () => [...(await list(BACKENDS)), ...(await list(ADVISORY_LOCKS))]
  while ((await passing()).length > 0 && Date.now() < deadline) await sleep(20)
  // Before anybody tidies up: what has ended has done so itself.
  if (await db.value(`SELECT to_regclass('dasy.runs') IS NOT NULL`))
    t.same(await list(STAGING_OF_ENDED), [], 'runs that have ended left no staging')
  const { runs } = await clean({ databaseUrl: db.url })
  t.equal(runs.length, stopped, 'only runs that stopped have not ended', { runs })
  const left = {
    'the schema dasy': await list(OBJECTS, ['dasy']),
    "the user's schemas": await list(USER_OBJECTS),
    'connections and advisory locks': await passing(),
    'rows in dasy.ranges': await db.value<number>('SELECT count(*) FROM dasy.ranges'),
    'runs that have not ended': await db.value<number>(
      "SELECT count(*) FROM dasy.runs WHERE state <> 'ended'",
    ),
  }
  t.same(
    left,
    {
      'the schema dasy': await schemaAsMigrated(),
      "the user's schemas": [...tables].sort(),
      'connections and advisory locks': [],
      'rows in dasy.ranges': 0,
      'runs that have not ended': 0,
    },
    'nothing is left behind',
  )
}

let asMigrated: Promise<string[]> | undefined

/** What the schema dasy holds right after a migration, in a database where nothing else ever happened. */
function schemaAsMigrated(): Promise<string[]> {
  asMigrated ??= (async () => {
    const run = TestRun.current()
    const fresh = await TestDatabase.create(run.read().url, run.namePrefix)
    try {
      await migrateUp({ databaseUrl: fresh.url })
      return await objects(fresh, OBJECTS, ['dasy'])
    } finally {
      await fresh.drop()
    }
  })()
  return asMigrated
}

async function objects(db: TestDatabase, query: string, values?: unknown[]): Promise<string[]> {
  const rows = await db.rows<{ object: string }>(query, values)
  return rows.map(({ object }) => object).sort()
}
