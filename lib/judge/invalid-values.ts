import type { DasyError } from '../base/errors.js'
import type { TargetColumn } from '../catalog/target.js'
import { badValue } from '../contract/values.js'
import { sqlState } from '../db/failures.js'
import type { Session } from '../db/session.js'
import { type Fragment, fromCatalog, list, literal, query, sql, statement } from '../db/sql.js'
import { stagingTable } from '../ledger/staging.js'
import type { Column, Mapping } from '../mapping/columns.js'
import type { RunContext } from './context.js'
import { rejectBadKeys, texts, unusable } from './key-check.js'
import { rejectListed } from './staged-rejects.js'

/**
 * The SQLSTATEs of a statement that fails because of a value: class 22 (data), 23 (constraints) and 54 (limits), RAISE in
 * a user's check, and names that do not exist as values of regclass, regtype and the like.
 */
const INVALID = /^(22|23|54|P0001$|42704$|42P01$|3F000$)/

export function isInvalidValue(error: unknown): boolean {
  return INVALID.test(sqlState(error) ?? '')
}

/** Whether a column could refuse a value: it has another type than text, or takes no NULL. */
export function mayBeInvalid({ columns }: Mapping): boolean {
  return columns.some((column) => isTyped(column) || mustBeThere(column))
}

/** Finds and rejects staged records with a value that its column does not accept, before duplicates are judged. */
export class InvalidValues {
  readonly #context: RunContext
  readonly #mapping: Mapping
  readonly #rewrites: boolean
  readonly #staging: Fragment
  readonly #columns: readonly Column[]

  /** @param rewrites whether a row trigger may put a value where the file has none */
  constructor(context: RunContext, mapping: Mapping, rewrites: boolean) {
    this.#context = context
    this.#mapping = mapping
    this.#rewrites = rewrites
    this.#staging = stagingTable(context.run)
    this.#columns = mapping.columns.filter((column) => isTyped(column) || (mustBeThere(column) && !rewrites))
  }

  /** One pass if all values fit. Otherwise records without a usable key are rejected first. */
  async reject(): Promise<void> {
    const { key } = this.#mapping
    const keyDoubt = sql`coalesce(bool_or(${unusable(texts(key))}), false)`
    const doubts = await this.#look([keyDoubt, ...this.#columns.map((column) => this.#doubt(column))])
    if (doubts?.every((each) => !each)) return
    await rejectBadKeys(this.#context, key)
    const doubtful = this.#columns.filter((_, index) => doubts?.[index + 1] ?? true)
    const invalid = doubts ? doubtful : await this.#doubtful(doubtful)
    if (invalid.length > 0) await this.#rejectThose(invalid)
  }

  /** Whether every value of a column fits. */
  async fits(column: Column): Promise<boolean> {
    return (await this.#doubtful([column])).length === 0
  }

  /** The columns with a value that does not fit: each is checked by a statement of its own. */
  async #doubtful(columns: readonly Column[]): Promise<Column[]> {
    const found: Column[] = []
    for (const column of columns) {
      const doubts = await this.#look([this.#doubt(column)])
      if (doubts?.[0] ?? true) found.push(column)
    }
    return found
  }

  /** @returns for each doubt whether it is justified; undefined if a value cannot be cast */
  async #look(doubts: readonly Fragment[]): Promise<boolean[] | undefined> {
    const { session, tuning } = this.#context
    const text = statement('judge/look_at_values', { doubts: list(doubts), staging: this.#staging })
    try {
      const row = await session.transaction(async () => {
        await tuning.apply(session)
        return session.row<{ doubts: boolean[] }>(text)
      })
      return row?.doubts
    } catch (error) {
      if (isInvalidValue(error)) return undefined
      throw error
    }
  }

  /** An expression that is true if the column has a missing or shortened value. count() makes the server cast each value. */
  #doubt({ stored, raw, value, kind, key }: Column): Fragment {
    const cast = stored.text ? raw : value
    const isMissed = stored.notNull && !this.#rewrites && kind === 'field' && !key
    const counted = isMissed ? sql`count(${cast}) < count(*)` : sql`count(${cast}) < 0`
    if (stored.untrimmed === null) return counted
    const whole = sql`CAST(CAST(${raw} AS ${fromCatalog(stored.untrimmed)}) AS text)`
    return sql`${counted} OR coalesce(bool_or(CAST(${value} AS text) IS DISTINCT FROM ${whole}), false)`
  }

  async #rejectThose(columns: readonly Column[]): Promise<void> {
    const canTry = await this.#canTryInput()
    await rejectListed(this.#context, async (refused) => {
      for (const column of columns) {
        if (mustBeThere(column) && !this.#rewrites) await this.#listNulls(refused, column)
        if (isTyped(column)) await this.#list(refused, column, canTry)
      }
    })
  }

  async #listNulls(refused: Fragment, { raw, target }: Column): Promise<void> {
    const { session, settings } = this.#context
    // The message of PostgreSQL.
    const reason = `null value in column "${target}" of relation "${settings.table.name}" violates not-null constraint`
    await session.run(statement('judge/find_nulls', { refused, raw, staging: this.#staging }), [
      target,
      reason,
    ])
  }

  /**
   * Assigns values one by one, each in a block of its own that catches the error. If PostgreSQL has pg_input_is_valid(),
   * only the values that it calls invalid.
   */
  async #list(refused: Fragment, column: Column, canTry: boolean): Promise<void> {
    const { session } = this.#context
    const { raw, stored, target } = column
    const body = (doubtful: Fragment): string =>
      statement('judge/find_invalid_values', {
        refused,
        staging: this.#staging,
        raw,
        ...assignment(stored, sql`staged.content`),
        column: literal(target),
        doubtful,
      })
    const tried = sql`NOT pg_input_is_valid(${raw}, ${literal(stored.type)})`
    // A domain may refuse NULL; no other type does.
    const all = stored.domain ? sql`true` : sql`${raw} IS NOT NULL`
    const some = stored.domain ? sql`(${raw} IS NULL OR ${tried})` : tried
    if (!canTry) return void (await session.run(anonymous(body(all))))
    try {
      await session.savepoint(() => session.run(anonymous(body(some))))
    } catch (error) {
      // The input function of a type, or the check of a domain, raised an error within pg_input_is_valid().
      if (!isInvalidValue(error)) throw error
      await session.run(anonymous(body(all)))
    }
  }

  async #canTryInput(): Promise<boolean> {
    // pg_input_is_valid() exists from PostgreSQL 16 on.
    const row = await this.#context.session.row<{ can: boolean }>(
      query`SELECT current_setting('server_version_num')::integer >= 160000 AS can`,
    )
    return row?.can ?? false
  }
}

/**
 * Checks the constants of --set before anything is loaded.
 * @throws DasyError BAD_OPTION that says why one does not fit
 */
export async function refuseBadConstants(session: Session, { columns }: Mapping): Promise<void> {
  for (const { kind, target, stored, raw } of columns) {
    if (kind !== 'constant' || stored.text) continue
    const body = statement('judge/try_constant', assignment(stored, raw))
    try {
      await session.run(anonymous(body))
    } catch (error) {
      if (!isInvalidValue(error)) throw error
      throw badValue('--set', target, (error as DasyError).message)
    }
  }
}

/** Whether its values are cast: then they may not fit. */
function isTyped({ stored, kind }: Column): boolean {
  return kind === 'field' && !stored.text
}

/** Whether NULL is refused here. (A missing key has its own check.) */
function mustBeThere({ stored, kind, key }: Column): boolean {
  return kind === 'field' && stored.notNull && !key
}

/** Assigning to a variable converts a text as assigning to a column does, except for composite types. */
function assignment(
  { type, composite }: TargetColumn,
  content: Fragment,
): Record<'type' | 'content', Fragment> {
  if (!composite) return { type: fromCatalog(type), content }
  return { type: sql`text`, content: sql`CAST(CAST(${content} AS ${fromCatalog(type)}) AS text)` }
}

function anonymous(body: string): string {
  return `DO ${literal(body).sql}`
}
