import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, ident, list, sql, statement } from '../db/sql.js'
import { DasyError } from '../errors.js'
import type { Located, Locator } from '../load/locator.js'
import { repeatsTable, stagingTable } from '../load/staging.js'
import type { OnDuplicate } from '../options.js'
import type { Column } from './columns.js'

/**
 * The keys that the file repeats, with the record that wins for each. They are few; all other records are
 * their key's only one, so the merge needs no sort and no DISTINCT over the whole file.
 */
export class Repeats {
  readonly table: Fragment
  /** `r` and `s` are the same key. */
  readonly sameKey: Fragment
  readonly #staging: Fragment
  readonly #key: readonly Column[]

  constructor(run: number, key: readonly Column[]) {
    this.table = repeatsTable(run)
    this.sameKey = list(
      key.map(({ value }, index) => sql`r.${keyName(index)} = ${value}`),
      ' AND ',
    )
    this.#staging = stagingTable(run)
    this.#key = key
  }

  /**
   * @param sessions each looks through its own share of the keys, at the same time
   * @returns how many records lose to another of the same key
   */
  async find(sessions: readonly [Session, ...Session[]], duplicates: OnDuplicate): Promise<number> {
    const [session] = sessions
    const keys = list(this.#key.map(({ value }, index) => sql`${value} AS ${keyName(index)}`))
    await session.run(
      statement('merge/create_repeats', { repeats: this.table, keys, staging: this.#staging }),
    )
    const text = statement('merge/find_repeats', {
      repeats: this.table,
      keys,
      staging: this.#staging,
      winner: fromCatalog(duplicates === 'last' ? 'max' : 'min'),
      hash: list(
        this.#key.map(({ value }) => sql`hashtext(CAST(${value} AS text))`),
        ' # ',
      ),
      key_numbers: fromCatalog(this.#key.map((_, index) => index + 1).join(', ')),
    })
    // Shares by the lowest bits of the hash; the sessions' number is a power of two.
    await Promise.all(sessions.map((each, share) => findShare(each, text, sessions.length - 1, share)))
    const row = await session.row<{ duplicates: number }>(
      statement('merge/count_duplicates', { repeats: this.table }),
    )
    return row?.duplicates ?? 0
  }

  /** For `--duplicates error`. */
  async firstError(session: Session, locator: Locator): Promise<DasyError> {
    const names = list(this.#key.map((_, index) => keyName(index)))
    const row = (await session.row<
      Record<'first_source' | 'first_place' | 'again_source' | 'again_place', number>
    >(
      statement('merge/first_duplicate', {
        staging: this.#staging,
        repeats: this.table,
        same_key: this.sameKey,
        key_names: names,
        repeat_keys: list(this.#key.map((_, index) => sql`r.${keyName(index)}`)),
      }),
    )) as Record<'first_source' | 'first_place' | 'again_source' | 'again_place', number>
    const first = await locator.locate({ source: row.first_source, place: row.first_place })
    const again = await locator.locate({ source: row.again_source, place: row.again_place })
    return duplicateKey(first, again, this.#key)
  }
}

async function findShare(session: Session, text: string, mask: number, share: number): Promise<void> {
  await session.transaction(async () => {
    // Without statistics the planner takes the groups for few or many as it happens; a sort is never better here.
    await session.run('SET LOCAL enable_sort = off')
    await session.run('SET LOCAL max_parallel_workers_per_gather = 0')
    await session.run("SET LOCAL work_mem = '128MB'")
    await session.run(text, [mask, share])
  })
}

function keyName(index: number): Fragment {
  return ident(`k${index + 1}`)
}

function duplicateKey(first: Located, again: Located, key: readonly Column[]): DasyError {
  const columns = key.map(({ target }) => target).join(', ')
  return new DasyError(
    'DUPLICATE_KEY',
    `${again.file}, line ${again.line} (byte ${again.byte}): the key (${columns}) stands on line ${first.line} already`,
    {
      hint: 'Mend the file, or load it with --duplicates last.',
      details: { file: again.file, line: again.line, byte: again.byte, firstLine: first.line },
    },
  )
}
