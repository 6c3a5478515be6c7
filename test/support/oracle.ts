import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parse } from 'csv-parse/sync'
import pg from 'pg'
import copyStreams from 'pg-copy-streams'
import type { Test } from 'tap'
import type { TestDatabase } from './database.js'
import { file as temporaryFile } from './files.js'

/**
 * Another program's opinion: the whole file through one plain COPY in one session, then plain SQL. Nothing of dasy
 * takes part.
 */

const TABLE = 'oracle.records'
/** The record's place in the file. */
const POSITION = 'oracle position'

export interface Expected {
  /** As the oracle's columns are named. */
  readonly key: readonly string[]
  readonly duplicates?: 'last' | 'first'
}

export class Oracle {
  private constructor(
    /** As the header names them, trimmed, or as they were renamed. */
    readonly columns: readonly string[],
    /** Records, repeated keys included. */
    readonly records: number,
  ) {}

  /**
   * Loads a file (a path, or its content) into a table of its own.
   * @param columns names for the columns, where the header's do not suit
   */
  static async load(
    t: Test,
    db: TestDatabase,
    source: string | Uint8Array,
    columns?: string[],
  ): Promise<Oracle> {
    const path = typeof source === 'string' ? source : temporaryFile(t, source, 'oracle.csv')
    const names = columns ?? headerOf(path)
    const listed = names.map((name) => pg.escapeIdentifier(name))
    await db.run(`
      DROP SCHEMA IF EXISTS oracle CASCADE;
      CREATE SCHEMA oracle;
      CREATE TABLE ${TABLE} (
        ${pg.escapeIdentifier(POSITION)} bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        ${listed.map((name) => `${name} text`).join(', ')}
      )`)
    const target = `${TABLE} (${listed.join(', ')})`
    const options = `WITH (FORMAT csv, HEADER, ENCODING 'UTF8')`
    if (hasPsql()) copyWithPsql(db, path, target, options)
    else await copyWithStream(db, path, target, options)
    return new Oracle(names, await db.value<number>(`SELECT count(*) FROM ${TABLE}`))
  }

  /** A query for what a table must hold that was empty before. */
  table({ key, duplicates = 'last' }: Expected): string {
    const names = (columns: readonly string[]) => columns.map((name) => pg.escapeIdentifier(name)).join(', ')
    const order = duplicates === 'last' ? 'DESC' : 'ASC'
    return `SELECT ${names(this.columns)} FROM (
              SELECT DISTINCT ON (${names(key)}) * FROM ${TABLE}
               ORDER BY ${names(key)}, ${pg.escapeIdentifier(POSITION)} ${order}) AS kept`
  }

  /** A query for what an aggregate of that table must hold. */
  aggregate(expected: Expected, column = 'name', count = 'no_of_products'): string {
    return countsOf(`(${this.table(expected)})`, column, count)
  }
}

/** A query for the aggregate of a table, or of a query in brackets. */
export function countsOf(table: string, column = 'name', count = 'no_of_products'): string {
  const [value, total] = [column, count].map((name) => pg.escapeIdentifier(name))
  return `SELECT ${value}, count(*) AS ${total} FROM ${table} AS counted GROUP BY 1`
}

/** How many of the rows that differ a failure shows. */
const SHOWN = 3

/** Compares a whole table with what a query gives: the columns by name, the rows as a bag. */
export async function compareTables(
  t: Test,
  db: TestDatabase,
  actual: string,
  expectedQuery: string,
  message = `${actual} holds what it must`,
): Promise<void> {
  const expected = `(${expectedQuery}) AS expected`
  const columns = await db.columns(expected)
  const has = await db.columns(actual)
  if (columns.toSorted().join('\n') !== has.toSorted().join('\n')) {
    t.same(has.toSorted(), columns.toSorted(), `${message}: its columns`)
    return
  }
  const listed = columns.map((name) => pg.escapeIdentifier(name)).join(', ')
  const [left, right] = [`SELECT ${listed} FROM ${actual}`, `SELECT ${listed} FROM ${expected}`]
  const difference = await db.row(`
    WITH actual AS MATERIALIZED (${left}), expected AS MATERIALIZED (${right}),
         unexpected AS MATERIALIZED (TABLE actual EXCEPT ALL TABLE expected),
         missing AS MATERIALIZED (TABLE expected EXCEPT ALL TABLE actual)
    SELECT (SELECT count(*) FROM actual) AS rows,
           (SELECT count(*) FROM expected) AS "expected rows",
           (SELECT count(*) FROM unexpected) AS "rows that should not be there",
           (SELECT count(*) FROM missing) AS "rows that are missing",
           (SELECT jsonb_agg(to_jsonb(few)) FROM (TABLE unexpected LIMIT ${SHOWN}) AS few) AS "should not be there",
           (SELECT jsonb_agg(to_jsonb(few)) FROM (TABLE missing LIMIT ${SHOWN}) AS few) AS missing`)
  const rows = difference['expected rows']
  t.same(
    difference,
    {
      rows,
      'expected rows': rows,
      'rows that should not be there': 0,
      'rows that are missing': 0,
      'should not be there': null,
      missing: null,
    },
    message,
  )
}

/** Whether a table holds just what a query gives. */
export async function holds(db: TestDatabase, actual: string, expectedQuery: string): Promise<boolean> {
  const expected = `(${expectedQuery}) AS expected`
  const listed = (await db.columns(expected)).map((name) => pg.escapeIdentifier(name)).join(', ')
  const [left, right] = [`SELECT ${listed} FROM ${actual}`, `SELECT ${listed} FROM ${expected}`]
  return await db.value<boolean>(
    `SELECT NOT EXISTS ((${left} EXCEPT ALL ${right}) UNION ALL (${right} EXCEPT ALL ${left}))`,
  )
}

function headerOf(path: string): string[] {
  const [header] = parse(readFileSync(path), { bom: true, to: 1 }) as string[][]
  return (header ?? []).map((name) => name.trim())
}

let psql: boolean | undefined

function hasPsql(): boolean {
  psql ??= spawnSync('psql', ['--version']).status === 0
  return psql
}

function copyWithPsql(db: TestDatabase, path: string, target: string, options: string): void {
  const copy = `\\copy ${target} FROM '${path.replaceAll("'", "''")}' ${options}`
  const args = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', db.url, '-c', copy]
  const { status, stderr } = spawnSync('psql', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`psql \\copy failed: ${stderr}`)
}

/** A fresh machine has no psql; the COPY is the same. */
async function copyWithStream(
  db: TestDatabase,
  path: string,
  target: string,
  options: string,
): Promise<void> {
  const client = await db.client()
  try {
    const copy = client.query(copyStreams.from(`COPY ${target} FROM STDIN ${options}`))
    await pipeline(Readable.from([readFileSync(path)]), copy)
  } finally {
    await client.end()
  }
}

/** That `products` and its aggregate hold what a file makes of empty ones. */
export async function assertProductsLoaded(t: Test, db: TestDatabase, path: string): Promise<void> {
  const expected = await Oracle.load(t, db, path)
  const key = { key: ['sku'] }
  await compareTables(t, db, 'products', expected.table(key))
  await compareTables(t, db, 'products_agg', expected.aggregate(key))
  await db.run('DROP SCHEMA oracle CASCADE')
}
