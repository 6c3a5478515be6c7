import { aggregatesOf } from '../aggregate/aggregate.js'
import { kinds } from '../aggregate/kinds.js'
import { DasyError } from '../base/errors.js'
import { displayName } from '../contract/table-name.js'
import { badOption, wholeNumber } from '../contract/values.js'
import type { Session } from '../db/session.js'
import { number, sql, statement } from '../db/sql.js'
import { textOf } from '../history/value-text.js'
import { cursorOf, readCursor } from './cursor.js'
import { Parameters } from './parameters.js'
import { refusedQuery } from './refusals.js'
import { columnOf, type RowTable } from './row-table.js'

const USUAL_LIMIT = 100
const MOST = 1000

export interface GroupQuery {
  /** Only so many, the largest: without a cursor for more. */
  readonly top?: number | undefined
  /** Only groups whose text contains this, in upper or lower case. */
  readonly search?: string | undefined
  readonly limit?: number | undefined
  readonly cursor?: string | undefined
}

/** Groups as JSON texts: `{"value":…,"count":…}`, the largest first. */
export interface GroupPage {
  /** The name of the aggregate. */
  readonly aggregate: string
  readonly kind: string
  readonly groups: readonly string[]
  readonly cursor: string | null
}

/**
 * The groups of an aggregate, in a session whose texts are set.
 * @throws DasyError COLUMN_NOT_FOUND, AGGREGATE_NOT_FOUND, BAD_OPTION
 */
export async function listGroups(
  session: Session,
  table: RowTable,
  name: string,
  { top, search, limit: asked, cursor }: GroupQuery,
): Promise<GroupPage> {
  const column = columnOf(table, name)
  if (top !== undefined && (asked !== undefined || cursor !== undefined))
    throw badOption('top', 'stands for a limit, and has no cursor', 'top')
  const limit = wholeNumber(top === undefined ? 'limit' : 'top', top ?? asked ?? USUAL_LIMIT, 1, MOST)
  const aggregate = (await aggregatesOf(session, table.target.oid)).find((each) => each.column === name)
  if (!aggregate) throw notFound(table, name)
  const { rows, value, count } = kinds[aggregate.kind].contents(aggregate)
  const parameters = new Parameters()
  const text = textOf(column, sql`g.value`)
  const query = [displayName(table.target), name, search ?? null]
  const [before, last] = cursor === undefined ? [] : readCursor(cursor, query, 2)
  const found = await session
    .rows<{ row: string; texts: (string | null)[] }>(
      statement('rows/groups', {
        rows,
        value: sql`g.${value}`,
        count: sql`g.${count}`,
        text,
        shown: column.own || column.json ? sql`g.value` : text,
        search:
          search === undefined
            ? sql`true`
            : sql`strpos(lower(${text} COLLATE pg_catalog."default"), lower(${parameters.text(search)})) > 0`,
        after: before === undefined ? sql`true` : after(text, [before ?? '', last ?? null], parameters),
        limit: number(limit + 1),
      }),
      parameters.values,
    )
    .catch((error) => {
      throw refusedQuery(error, table)
    })
  const page = found.slice(0, limit)
  const end = page.at(-1)
  const isMore = top === undefined && found.length > limit
  return {
    aggregate: aggregate.name,
    kind: aggregate.kind,
    groups: page.map(({ row }) => row),
    cursor: isMore && end ? cursorOf(query, end.texts) : null,
  }
}

/** SQL: the groups that are smaller, or as large with a text behind it; that of NULL comes last. */
function after(
  text: ReturnType<typeof textOf>,
  [count, value]: [string, string | null],
  parameters: Parameters,
) {
  const size = sql`CAST(${parameters.text(count)} AS bigint)`
  if (value === null) return sql`g.count < ${size}`
  const last = parameters.text(value)
  return sql`(g.count < ${size} OR (g.count = ${size} AND (${text} COLLATE "C" > ${last} OR ${text} IS NULL)))`
}

function notFound({ table }: RowTable, column: string): DasyError {
  const shown = displayName(table)
  return new DasyError('AGGREGATE_NOT_FOUND', `${shown} has no aggregate of the column "${column}"`, {
    hint: `Create it with "dasy aggregate ${shown} ${column}".`,
    details: { table: shown, column },
  })
}
