import { OWN_SCHEMA } from '../base/own-schema.js'
import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, ident, list, literal, sql, statement } from '../db/sql.js'
import type { SourcePlan } from '../ranges/load-plan.js'

/**
 * The staging area of a run: an unlogged table per worker in the schema `dasy`, all columns text (c1, c2, …),
 * plus each record's position, and one parent by which they are read as a whole.
 *
 * A position packs the source's ordinal and a byte offset in one bigint. Its default is a sequence that is
 * set to a range's first byte before COPY and counts up by one per record. A record takes at least one byte,
 * so positions are unique and in the order of the file, whichever worker loaded what.
 */
export class Staging {
  readonly #session: Session
  readonly #run: number
  readonly #columns: number
  readonly #workers: number

  /** @param columns those of the file, and behind them those for surplus, which hold nothing */
  constructor(session: Session, run: number, columns: number, workers: number) {
    this.#session = session
    this.#run = run
    this.#columns = columns
    this.#workers = workers
  }

  /** Makes what is missing. What an earlier attempt has staged stays, but not what it made of that. */
  async prepare(): Promise<void> {
    const session = this.#session
    await session.transaction(async () => {
      await forgetDerived(session, this.#run)
      const there = await this.#tables()
      if (!there.has(tableName(this.#run))) await this.#create()
      for (let worker = 1; worker <= this.#workers; worker++) {
        if (!there.has(workerTableName(this.#run, worker))) await this.#createFor(worker)
      }
    })
  }

  async #tables(): Promise<Set<string>> {
    const rows = await this.#session.rows<{ name: string }>(statement('load/list_staging'), [
      tableName(this.#run),
    ])
    return new Set(rows.map(({ name }) => name))
  }

  /** The ledger must not tell of rows that are gone, whoever took them away. */
  async #create(): Promise<void> {
    const columns = list(stagedColumns(this.#columns).map((column) => sql`${column} text`))
    await this.#session.run(statement('ledger/forget_ranges'), [this.#run])
    await this.#session.run(statement('load/create_staging', { staging: stagingTable(this.#run), columns }))
  }

  async #createFor(worker: number): Promise<void> {
    const name = workerTableName(this.#run, worker)
    await this.#session.run(
      statement('load/create_worker_staging', {
        staging: stagingTable(this.#run),
        worker_staging: ident(OWN_SCHEMA, name),
        sequence: ident(OWN_SCHEMA, `${name}_position`),
        sequence_name: literal(sequenceName(this.#run, worker)),
      }),
    )
  }
}

/** Removes what the merge made of the staged records. */
export async function forgetDerived(session: Session, run: number): Promise<void> {
  await session.run(statement('load/drop_derived', derived(run)))
}

/** Removes the staging area of a run: its tables, and with these their sequences. */
export async function dropStaging(session: Session, run: number): Promise<void> {
  await session.run(statement('load/drop_staging', { staging: stagingTable(run), ...derived(run) }))
}

/** A position's offset has 48 bits, 256 TiB; the source's ordinal the 15 above. */
const OFFSET_BITS = 48n
const offsetBits = fromCatalog(`${OFFSET_BITS}`)

/** As text: it may exceed what a number holds exactly. */
export function positionOf(source: number, offset: number): string {
  return `${(BigInt(source) << OFFSET_BITS) | BigInt(offset)}`
}

/** The parts of a position in SQL: which source, and the place in it. */
export function partsOfPosition(position: Fragment): Record<'source' | 'place', Fragment> {
  return {
    source: sql`(${position} >> ${offsetBits})::integer`,
    place: sql`(${position} & ((1::bigint << ${offsetBits}) - 1))`,
  }
}

export function stagingTable(run: number): Fragment {
  return ident(OWN_SCHEMA, tableName(run))
}

/** Beside the staging tables: the keys that the file repeats. */
export function repeatsTable(run: number): Fragment {
  return ident(OWN_SCHEMA, `repeats_${run}`)
}

/** And what its aggregates will hold, where they are counted from staging. */
export function countsTable(run: number): Fragment {
  return ident(OWN_SCHEMA, `counts_${run}`)
}

/** And the aggregate of a table that the run makes. */
export function preparedTable(run: number): Fragment {
  return ident(OWN_SCHEMA, preparedName(run))
}

export function preparedName(run: number): string {
  return `prepared_${run}`
}

function derived(run: number): Record<'repeats' | 'counts' | 'prepared', Fragment> {
  return { repeats: repeatsTable(run), counts: countsTable(run), prepared: preparedTable(run) }
}

function tableName(run: number): string {
  return `staging_${run}`
}

function workerTableName(run: number, worker: number): string {
  return `${tableName(run)}_${worker}`
}

export function sequenceName(run: number, worker: number): string {
  return ident(OWN_SCHEMA, `${workerTableName(run, worker)}_position`).sql
}

/** c1, c2, …: a file's columns by their place, so that no name can clash. */
export function stagedColumns(count: number): Fragment[] {
  return Array.from({ length: count }, (_, index) => stagedColumn(index + 1))
}

export function stagedColumn(place: number): Fragment {
  return ident(`c${place}`)
}

export function copyStatement(
  run: number,
  { staged, surplus, dialect, encoding }: SourcePlan,
  worker: number,
): string {
  // Behind the columns, where every source has its own number of them.
  const surplusColumns = stagedColumns(staged.length + surplus).slice(staged.length)
  return statement('load/copy', {
    worker_staging: ident(OWN_SCHEMA, workerTableName(run, worker)),
    columns: list([...staged.map(stagedColumn), ...surplusColumns]),
    condition:
      surplus === 0
        ? sql``
        : sql`WHERE ${list(
            surplusColumns.map((column) => sql`${column} IS NULL`),
            ' AND ',
          )}`,
    delimiter: literal(String.fromCharCode(dialect.delimiter)),
    quote: literal(String.fromCharCode(dialect.quote)),
    escape: literal(String.fromCharCode(dialect.escape)),
    encoding: literal(encoding),
  })
}
