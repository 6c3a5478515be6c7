import { DasyError } from '../base/errors.js'
import { withoutLoops } from '../db/join-plans.js'
import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, ident, list, query, sql, statement } from '../db/sql.js'
import type { LocatedRecord } from '../ledger/locator.js'
import { duplicateKeysTable, partsOfPosition, stagingTable } from '../ledger/staging.js'
import type { Column } from '../mapping/columns.js'
import type { RunContext } from './context.js'
import { rejectBadKeys, texts, unusable } from './key-check.js'

type FirstDuplicate = Record<'first_source' | 'first_place' | 'again_source' | 'again_place', number>

/** The approximate size of a key in a hash table of the server. */
const BYTES_PER_KEY = 100

/**
 * The table of the keys that more than one record has, with the record that wins for each. They are few; every other
 * record has a key of its own, so the merge needs no sort and no DISTINCT over the whole file.
 */
export class DuplicateKeys {
  /** The condition that a staged record `s` does not lose to another one with the same key. */
  readonly wins: Fragment
  readonly #context: RunContext
  readonly #key: readonly Column[]
  readonly #fragments: Readonly<Record<'duplicate_keys' | 'staging' | 'same_key' | 'unusable', Fragment>>

  constructor(context: RunContext, key: readonly Column[]) {
    const { run } = context
    const table = duplicateKeysTable(run)
    const sameKey = list(
      key.map(({ value }, index) => sql`r.${keyName(index)} = ${value}`),
      ' AND ',
    )
    this.wins = sql`NOT EXISTS (SELECT FROM ${table} AS r WHERE ${sameKey} AND r.winner <> s.position)`
    this.#context = context
    this.#key = key
    this.#fragments = {
      duplicate_keys: table,
      staging: stagingTable(run),
      same_key: sameKey,
      unusable: this.#isText ? unusable(names(key)) : sql`false`,
    }
  }

  /**
   * Fills the table, and rejects records without a usable key.
   * @param records how many are staged
   * @returns how many records lose to another one with the same key
   */
  async find(records: number): Promise<number> {
    await this.#create()
    await this.#fill(records)
    const found = await this.#count()
    if (!found.unusable) return found.losers
    await rejectBadKeys(this.#context, this.#key)
    const { duplicate_keys: table, unusable: isUnusable } = this.#fragments
    await this.#context.session.run(query`DELETE FROM ${table} AS r WHERE ${isUnusable}`)
    return (await this.#count()).losers
  }

  /** The error of `--duplicates error`: the first record of the file whose key an earlier record has. */
  async firstError(): Promise<DasyError> {
    const { session, locator } = this.#context
    const first = partsOfPosition(sql`first`)
    const again = partsOfPosition(sql`again`)
    const text = statement('judge/first_duplicate', {
      ...this.#fragments,
      key_names: list(this.#key.map((_, index) => keyName(index))),
      duplicate_key: list(this.#key.map((_, index) => sql`r.${keyName(index)}`)),
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

  /** Whether keys are checked here. Keys of other types were checked when their values were cast. */
  get #isText(): boolean {
    return this.#key.every(({ stored, kind }) => stored.text && kind !== 'row')
  }

  async #create(): Promise<void> {
    const keys = list(this.#key.map(({ value }, index) => sql`${value} AS ${keyName(index)}`))
    await this.#context.session.run(statement('judge/create_duplicate_keys', { ...this.#fragments, keys }))
  }

  /** Two sessions work at the same time; each takes the next share of the keys when it is done with one. */
  async #fill(records: number): Promise<void> {
    const { session, second, settings } = this.#context
    const shares = this.#shares(records, second.session ? 2 : 1)
    const values = this.#key.map(({ value }) => value)
    const text = statement('judge/find_duplicate_keys', {
      ...this.#fragments,
      keys: list(values),
      winner: fromCatalog(settings.policy.duplicates === 'last' ? 'max' : 'min'),
      hash: this.#hash(values),
      unusable: this.#isText ? unusable(texts(this.#key)) : sql`false`,
    })
    const waiting = Array.from({ length: shares }, (_, share) => share)
    const work = async (each: Session): Promise<void> => {
      for (let share = waiting.shift(); share !== undefined; share = waiting.shift()) {
        await this.#findShare(each, text, shares - 1, share)
      }
    }
    await Promise.all([work(session), second.session?.then((each) => each && work(each))])
  }

  /** Keys that are equal for their types have the same hash: 1.0 and 1.00. */
  #hash(values: readonly Fragment[]): Fragment {
    if (this.#isText) {
      return list(
        values.map((value) => sql`hashtext(CAST(${value} AS text))`),
        ' # ',
      )
    }
    // Keys of types without a hash function are all in one share, and the other shares are empty.
    return this.#key.every(({ stored }) => stored.hashable) ? sql`hash_record(ROW(${list(values)}))` : sql`0`
  }

  /**
   * How many shares the keys are divided into: one for each session, and more if the hash table of a share would not fit
   * in memory. A power of two, because the lowest bits of the hash select the share.
   */
  #shares(records: number, sessions: number): number {
    let shares = sessions
    while (records / shares > this.#context.tuning.rowsInMemory(BYTES_PER_KEY)) shares *= 2
    return shares
  }

  async #findShare(session: Session, text: string, mask: number, share: number): Promise<void> {
    await session.transaction(async () => {
      await this.#context.tuning.applyForHashing(session)
      await session.run(text, [mask, share])
    })
  }

  async #count(): Promise<{ losers: number; unusable: boolean }> {
    const row = await this.#context.session.row<{ losers: number; unusable: boolean }>(
      statement('judge/count_duplicate_keys', this.#fragments),
    )
    return row as { losers: number; unusable: boolean }
  }
}

/** The columns of the table of duplicate keys that come from fields of the file. */
function names(key: readonly Column[]): Fragment[] {
  return key.flatMap(({ kind }, index) => (kind === 'field' ? [sql`r.${keyName(index)}`] : []))
}

function keyName(index: number): Fragment {
  return ident(`k${index + 1}`)
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
