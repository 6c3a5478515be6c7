import { OWN_SCHEMA } from '../base/own-schema.js'
import { OFFSET_BITS } from '../base/position.js'
import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, ident, list, literal, number, query, sql, statement } from '../db/sql.js'
import type { LoadPlan, SourcePlan } from '../ranges/load-plan.js'

/** A column of the staging table on the direct path. */
export interface DirectColumn {
  readonly name: string
  /** As the catalog has it. */
  readonly type: string
  /** The name of its constraint NOT NULL, if it has one. */
  readonly notNull: string | undefined
}

/**
 * The staging tables of a run: an unlogged table for each worker in the schema `dasy`, with the record's position and a text
 * column for each field (c1, c2, …). The others inherit from that of the first worker, by which they are read as one.
 *
 * The default of the position is a sequence, which is set to the position of a range's first byte before COPY and counts up by
 * one for each record. A record takes at least one byte, so positions are unique and in the order of the file, whichever
 * worker loaded which range.
 */
export class Staging {
  readonly #session: Session
  readonly #run: number
  readonly #columns: number
  readonly #workers: number

  /** @param columns the number of columns: those of the file, and then those for surplus empty fields */
  constructor(session: Session, run: number, columns: number, workers: number) {
    this.#session = session
    this.#run = run
    this.#columns = columns
    this.#workers = workers
  }

  /** Creates the tables of a new run. */
  async create(): Promise<void> {
    await this.#creating(new Set())
  }

  /**
   * Creates the one table of a new run on the direct path: it is logged, without positions, and is to become the user's table.
   * @param columns in their order
   */
  async createDirect(columns: readonly DirectColumn[]): Promise<void> {
    const defined = columns.map(({ name, type, notNull }) => {
      const column = sql`${ident(name)} ${fromCatalog(type)}`
      return notNull === undefined ? column : sql`${column} CONSTRAINT ${ident(notNull)} NOT NULL`
    })
    await this.#session.run(
      statement('ledger/create_direct_staging', { staging: stagingTable(this.#run), columns: list(defined) }),
    )
  }

  /** How many records are in the table on the direct path. */
  async countDirect(): Promise<number> {
    const text = query`SELECT count(*) AS records FROM ${stagingTable(this.#run)}`
    return (await this.#session.row<{ records: number }>(text))?.records ?? 0
  }

  /** Drops the table on the direct path: none of the run's records are staged then. */
  async dropDirect(): Promise<void> {
    await this.#session.run(query`DROP TABLE ${stagingTable(this.#run)}`)
  }

  /** Creates missing tables. Keeps the staged records of an earlier attempt, but drops tables derived from them. */
  async complete(): Promise<void> {
    const session = this.#session
    await session.transaction(async () => {
      await forgetDerived(session, this.#run)
      // Its records have no positions.
      if (await this.directColumns()) await this.dropDirect()
      const existing = await this.#tables()
      // If somebody dropped them, their records are lost.
      if (!existing.has(tableName(this.#run))) await session.run(forgettingRanges(this.#run))
      await this.#creating(existing)
    })
  }

  /** The columns of the table on the direct path, in their order; undefined if there is none. */
  async directColumns(): Promise<readonly string[] | undefined> {
    const text = statement('ledger/find_direct_staging')
    const row = await this.#session.row<{ columns: string[] }>(text, [tableName(this.#run)])
    return row?.columns
  }

  async #tables(): Promise<Set<string>> {
    const rows = await this.#session.rows<{ name: string }>(statement('ledger/list_staging'), [
      tableName(this.#run),
    ])
    return new Set(rows.map(({ name }) => name))
  }

  /** In one message, and so in one transaction. */
  async #creating(existing: ReadonlySet<string>): Promise<void> {
    const texts = Array.from({ length: this.#workers }, (_, index) => index + 1)
      .filter((worker) => !existing.has(workerTableName(this.#run, worker)))
      .map((worker) => this.#creatingFor(worker))
    if (texts.length > 0) await this.#session.run(texts.join(';\n'))
  }

  #creatingFor(worker: number): string {
    const run = this.#run
    const parts = {
      staging: stagingTable(run),
      worker_staging: ident(OWN_SCHEMA, workerTableName(run, worker)),
      sequence: ident(OWN_SCHEMA, `${workerTableName(run, worker)}_position`),
      sequence_name: literal(sequenceName(run, worker)),
      columns: list(stagedColumns(this.#columns).map((column) => sql`${column} text`)),
    }
    return statement(
      worker === FIRST_WORKER ? 'ledger/create_staging' : 'ledger/create_worker_staging',
      parts,
    )
  }
}

/** Drops the tables that the merge derives from the staged records. */
export async function forgetDerived(session: Session, run: number): Promise<void> {
  await session.run(statement('ledger/drop_derived', derived(run)))
}

/** Statements that drop the staging tables of a run, with their sequences, and delete its ranges from the ledger. */
export function removingStaging(run: number): string {
  const dropped = statement('ledger/drop_staging', { staging: stagingTable(run), ...derived(run) })
  return `${dropped};\n${forgettingRanges(run)}`
}

/** None of the run's records are staged. */
function forgettingRanges(run: number): string {
  return query`DELETE FROM dasy.ranges WHERE run = ${number(run)}`
}

const offsetBits = number(OFFSET_BITS)

/** The parts of a position in SQL: the ordinal of the source, and the offset in it. @see positionOf */
export function partsOfPosition(position: Fragment): Record<'source' | 'place', Fragment> {
  return {
    source: sql`(${position} >> ${offsetBits})::integer`,
    place: sql`(${position} & ((1::bigint << ${offsetBits}) - 1))`,
  }
}

export function stagingTable(run: number): Fragment {
  return ident(OWN_SCHEMA, tableName(run))
}

/** A derived table: the keys that several records have. */
export function duplicateKeysTable(run: number): Fragment {
  return ident(OWN_SCHEMA, `duplicate_keys_${run}`)
}

/** A derived table: the records that lose to another of the same key. */
export function losersTable(run: number): Fragment {
  return ident(OWN_SCHEMA, `losers_${run}`)
}

/** A derived table: the counts of the aggregates, if they are counted from staging. */
export function countsTable(run: number): Fragment {
  return ident(OWN_SCHEMA, `counts_${run}`)
}

/** A derived table: what becomes the storage of the aggregate of a new table. */
export function preparedTable(run: number): Fragment {
  return ident(OWN_SCHEMA, preparedName(run))
}

export function preparedName(run: number): string {
  return `prepared_${run}`
}

function derived(run: number): Record<'duplicate_keys' | 'losers' | 'counts' | 'prepared', Fragment> {
  return {
    duplicate_keys: duplicateKeysTable(run),
    losers: losersTable(run),
    counts: countsTable(run),
    prepared: preparedTable(run),
  }
}

function tableName(run: number): string {
  return `staging_${run}`
}

/** Workers have the numbers 1, 2 and so on. */
const FIRST_WORKER = 1

function workerTableName(run: number, worker: number): string {
  return worker === FIRST_WORKER ? tableName(run) : `${tableName(run)}_${worker}`
}

export function sequenceName(run: number, worker: number): string {
  return ident(OWN_SCHEMA, `${workerTableName(run, worker)}_position`).sql
}

/** A statement that gives the next record of a worker this position. */
export function settingPosition(sequence: string, position: string): string {
  return statement('ledger/set_position', { sequence_name: literal(sequence), position: literal(position) })
}

/** c1, c2, …: columns by number, so that no names can conflict. */
export function stagedColumns(count: number): Fragment[] {
  return Array.from({ length: count }, (_, index) => stagedColumn(index + 1))
}

export function stagedColumn(place: number): Fragment {
  return ident(`c${place}`)
}

export function copyStatement(
  { run, direct }: Pick<LoadPlan, 'run' | 'direct'>,
  { staged, surplus, dialect, encoding }: SourcePlan,
  worker: number,
): string {
  // After the columns: each source has its own number of surplus fields.
  const surplusColumns = stagedColumns(staged.length + surplus).slice(staged.length)
  return statement('ledger/copy', {
    worker_staging: direct ? stagingTable(run) : ident(OWN_SCHEMA, workerTableName(run, worker)),
    columns: direct
      ? list(staged.map((place) => ident(direct[place - 1] as string)))
      : list([...staged.map(stagedColumn), ...surplusColumns]),
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
