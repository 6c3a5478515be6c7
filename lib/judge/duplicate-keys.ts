import { DasyError } from '../base/errors.js'
import { withoutLoops } from '../db/join-plans.js'
import { type Fragment, list, query, sql, statement } from '../db/sql.js'
import type { LocatedRecord } from '../ledger/locator.js'
import { losersTable, partsOfPosition, stagingTable } from '../ledger/staging.js'
import { copyInto } from '../load/copy-stream.js'
import type { Column } from '../mapping/columns.js'
import { compareKeys, keyName, namedKeys } from './compared-keys.js'
import type { RunContext } from './context.js'
import { isScannedAs } from './key-bytes.js'
import { rejectBadKeys } from './key-check.js'

type FirstDuplicate = Record<'first_source' | 'first_place' | 'again_source' | 'again_place', number>

/** What the planner allows for a position in a hash table, four times: without room for it a subquery would run for each record. */
const BYTES_PER_POSITION = 128

/** Positions that are sent to COPY at a time. */
const BATCH = 50_000

/** Which records are loaded. */
export interface Winners {
  /** The condition that a staged record `s` does not lose to another one with the same key. */
  readonly wins: Fragment
}

/**
 * The records that lose to another one with the same key, in a small table of their positions. Every other record has a key
 * of its own, so the merge needs no sort and no DISTINCT over the whole file.
 *
 * They are known from the scan, if keys can be compared by their bytes and have room in memory; else the database compares
 * the keys.
 */
export class DuplicateKeys implements Winners {
  readonly #context: RunContext
  readonly #key: readonly Column[]
  readonly #losers: Fragment
  #count = 0

  constructor(context: RunContext, key: readonly Column[]) {
    this.#context = context
    this.#key = key
    this.#losers = losersTable(context.run)
  }

  get wins(): Fragment {
    if (this.#count === 0) return sql`true`
    // A hash table of the losers is faster than any join, but only NOT EXISTS may use the disk.
    return this.#count < this.#context.tuning.rowsInMemory(BYTES_PER_POSITION)
      ? sql`s.position NOT IN (SELECT position FROM ${this.#losers})`
      : sql`NOT EXISTS (SELECT FROM ${this.#losers} AS l WHERE l.position = s.position)`
  }

  /**
   * Fills the table, if there are any, and rejects records without a usable key.
   * @param records how many are staged
   * @returns how many records lose to another one with the same key
   */
  async find(records: number): Promise<number> {
    if (await this.#areScanned()) {
      this.#count = await this.#list()
    } else {
      await this.#create()
      this.#count = await compareKeys(this.#context, this.#key, this.#losers, records)
    }
    return this.#count
  }

  /** The table is as an earlier attempt has filled it. @param count how many records lose */
  keep(count: number): this {
    this.#count = count
    return this
  }

  /** The error of `--duplicates error`: the first record of the file whose key an earlier record has. */
  async firstError(): Promise<DasyError> {
    const { session, locator, run } = this.#context
    const first = partsOfPosition(sql`first.position`)
    const again = partsOfPosition(sql`again.position`)
    const names = this.#key.map((_, index) => keyName(index))
    const text = statement('judge/first_duplicate', {
      losers: this.#losers,
      staging: stagingTable(run),
      named_keys: namedKeys(this.#key),
      same_key: list(
        names.map((name) => sql`first.${name} = again.${name}`),
        ' AND ',
      ),
      first_source: first.source,
      first_place: first.place,
      again_source: again.source,
      again_place: again.place,
    })
    const row = await session.transaction(() =>
      withoutLoops(session, async () => (await session.row<FirstDuplicate>(text)) as FirstDuplicate),
    )
    return duplicateKey(
      await locator.locate({ source: row.first_source, place: row.first_place }),
      await locator.locate({ source: row.again_source, place: row.again_place }),
      this.#key,
    )
  }

  /** Whether the scan knows the losers; else the database has to compare the keys. */
  async #areScanned(): Promise<boolean> {
    const { session, known, ledger } = this.#context
    const { keys } = known
    if (!keys || !isScannedAs(keys, this.#key)) return false
    keys.finish()
    const unusable = keys.unusable((await ledger.totals()).rejected)
    // Other encodings than UTF-8 may store two characters as one.
    if (unusable === undefined || !session.isUtf8) return false
    // The database must find the same records without a key as the scan.
    return unusable === 0 || (await rejectBadKeys(this.#context, this.#key)) === unusable
  }

  /** Fills the table with the losers that the scan found. @returns how many they are */
  async #list(): Promise<number> {
    const { session, known, settings } = this.#context
    const batches = batchesOf(known.keys?.losers(settings.policy.duplicates === 'last') ?? [])
    const first = batches.next()
    if (first.done) return 0
    await this.#create()
    return await copyInto(session, query`COPY ${this.#losers} FROM STDIN`, textsOf(first.value, batches))
  }

  async #create(): Promise<void> {
    await this.#context.session.run(statement('judge/create_losers', { losers: this.#losers }))
  }
}

function* batchesOf(lists: Iterable<readonly string[]>): Generator<readonly string[]> {
  for (const list of lists)
    for (let from = 0; from < list.length; from += BATCH) yield list.slice(from, from + BATCH)
}

/** For COPY. */
function* textsOf(first: readonly string[], rest: Iterable<readonly string[]>): Generator<Buffer> {
  yield textOf(first)
  for (const batch of rest) yield textOf(batch)
}

function textOf(positions: readonly string[]): Buffer {
  return Buffer.from(`${positions.join('\n')}\n`)
}

function duplicateKey(first: LocatedRecord, again: LocatedRecord, key: readonly Column[]): DasyError {
  const columns = key.map(({ target }) => target).join(', ')
  const { file, line, byte } = again
  const where = first.file === file ? `line ${first.line}` : `line ${first.line} of ${first.file}`
  return new DasyError(
    'DUPLICATE_KEY',
    `${file}, line ${line} (byte ${byte}): the key (${columns}) is on ${where} already`,
    {
      hint: 'Correct the file, or load it with --duplicates last.',
      details: { file, line, byte, firstFile: first.file, firstLine: first.line },
    },
  )
}
