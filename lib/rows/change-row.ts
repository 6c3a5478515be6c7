import type { RowConditions } from '../contract/row-query.js'
import type { TableName } from '../contract/table-name.js'
import { badOption } from '../contract/values.js'
import type { Session } from '../db/session.js'
import { sql, statement } from '../db/sql.js'
import { withTextSettings } from '../history/value-text.js'
import { type Body, generated, namedColumns, refused } from './body.js'
import { ClassifiedRows, input } from './classify.js'
import { operatorOf } from './filters.js'
import { Parameters } from './parameters.js'
import { keyExists, RowMet, rowChanged, rowNotFound } from './refusals.js'
import { etagOf, jsonColumns, rowJson } from './row-json.js'
import { hasKey, requireKey } from './row-key.js'
import type { RowColumn, RowTable } from './row-table.js'
import { type RowWriting, requireWhole, withCascades, writeRows, writingTo } from './write.js'

/** What became of a row. */
export interface ChangedRow {
  /** As JSON; null if it is gone. */
  readonly row: string | null
  readonly etag: string | null
  /** Whether it was not there before. */
  readonly made: boolean
  /** The run that wrote it; null if nothing had to be written. */
  readonly run: number | null
}

/** Which row is written, and on which conditions. */
export interface RowRequest extends RowConditions {
  readonly table: TableName
  readonly key: readonly string[]
}

/**
 * Makes a row, or replaces it: columns that are not named get their defaults. (An identity keeps its value.)
 * @throws DasyError PRECONDITION_FAILED, ROW_REFUSED, COLUMN_NOT_FOUND and others
 */
export async function putRow(writing: RowWriting, request: RowRequest, body: Body): Promise<ChangedRow> {
  return await writingTo(writing, request.table, async (table) => {
    const there = await lockRow(writing.session, table, request)
    const { some } = namedColumns(table, body)
    const stored = table.columns.filter(({ generated }) => !generated)
    const isThere = there !== undefined
    const columns = isThere
      ? stored.filter((column) => !column.identity || table.key.includes(column) || some.includes(column))
      : stored
    return await change(writing, { table, request, body, columns, there })
  })
}

/**
 * Changes columns of a row.
 * @throws DasyError ROW_NOT_FOUND, PRECONDITION_FAILED, ROW_REFUSED, COLUMN_NOT_FOUND and others
 */
export async function patchRow(writing: RowWriting, request: RowRequest, body: Body): Promise<ChangedRow> {
  return await writingTo(writing, request.table, async (table) => {
    const there = await lockRow(writing.session, table, request)
    if (there === undefined) throw rowNotFound(table, request.key)
    const { some } = namedColumns(table, body)
    const columns = [...table.key, ...some.filter((column) => !table.key.includes(column))]
    return await change(writing, { table, request, body, columns, there })
  })
}

/** @throws DasyError ROW_NOT_FOUND, PRECONDITION_FAILED, STILL_REFERENCED, ROW_REFUSED */
export async function deleteRow(writing: RowWriting, request: RowRequest): Promise<ChangedRow> {
  const { session } = writing
  return await writingTo(writing, request.table, async (table) => {
    const there = await lockRow(session, table, request)
    if (there === undefined) throw rowNotFound(table, request.key)
    const rows = new ClassifiedRows(session, table, table.key)
    await rows.makeDeleted(request.key)
    const { set } = await rows.count()
    const run = await writeRows(writing, table, await withCascades(writing, table, set))
    await rows.drop()
    if ((await findRow(session, table, request.key)) !== undefined)
      throw refused(`the table kept the row (${table.target.actors.join(', ')})`, {})
    return { row: null, etag: null, made: false, run }
  })
}

export interface InsertedRows {
  /** As JSON, in the order of the request. */
  readonly rows: readonly string[]
  /** Their keys as text. */
  readonly keys: readonly (readonly string[])[]
  readonly run: number
}

/**
 * Inserts rows, or none.
 * @throws DasyError KEY_EXISTS, ROW_REFUSED, COLUMN_NOT_FOUND and others
 */
export async function insertRows(writing: RowWriting, name: TableName, body: Body): Promise<InsertedRows> {
  const { session } = writing
  return await writingTo(writing, name, async (table) => {
    const { all } = namedColumns(table, body)
    const columns = table.columns.filter(({ generated }) => !generated)
    const rows = new ClassifiedRows(session, table, columns)
    await rows.make({ body, columns, named: all })
    const { set, isKeyless } = await rows.count()
    if (set.counts.changed > 0) throw keyExists(table)
    requireWhole(table, isKeyless)
    const run = await writeRows(writing, table, set)
    const written = await rows.written()
    await rows.drop()
    return { rows: written.map(({ row }) => row), keys: written.map(({ key }) => key), run }
  })
}

interface Change {
  readonly table: RowTable
  readonly request: RowRequest
  readonly body: Body
  /** The columns that are written. */
  readonly columns: readonly RowColumn[]
  /** The row as it is, as JSON. */
  readonly there: string | undefined
}

async function change(
  writing: RowWriting,
  { table, request, body, columns, there }: Change,
): Promise<ChangedRow> {
  const { session } = writing
  const { key } = request
  const { all } = namedColumns(table, body)
  const isKey = (column: RowColumn) => table.key.includes(column)
  await requireSameKey(session, table, { key, body, named: all.filter(isKey) })
  if (there !== undefined) refuseFixed(table, all)

  const rows = new ClassifiedRows(session, table, columns)
  await rows.make({
    body,
    columns,
    named: columns.filter((column) => all.includes(column) || isKey(column)),
    key,
  })
  if (there !== undefined) await rows.forgetUnchanged()
  const { set, isKeyless } = await rows.count()
  requireWhole(table, isKeyless)
  if (there === undefined && set.counts.changed > 0) throw new RowMet('the row was made meanwhile')
  const isChanged = set.inserted + set.counts.changed > 0
  const run = isChanged ? await writeRows(writing, table, set) : null
  await rows.drop()
  const row = run === null ? there : await findRow(session, table, key)
  if (row === undefined)
    throw refused(`the table did not keep the row (${table.target.actors.join(', ')})`, {})
  return { row, etag: etagOf(row), made: there === undefined, run }
}

/** Locks the row, if it is there, and compares it with what the caller knows. @throws DasyError PRECONDITION_FAILED */
async function lockRow(
  session: Session,
  table: RowTable,
  { key, ifMatch, ifNoneMatch }: RowRequest,
): Promise<string | undefined> {
  requireKey(table, key)
  const row = await findRow(session, table, key, 'rows/lock_row')
  const etag = row === undefined ? undefined : etagOf(row)
  if (ifMatch !== undefined && !matches(ifMatch, etag))
    throw rowChanged(table, etag === undefined ? 'the row is not there' : 'the row was changed', etag)
  if (ifNoneMatch !== undefined && ifNoneMatch.trim() !== '*')
    throw badOption('If-None-Match', 'must be * where a row is written', 'If-None-Match')
  if (ifNoneMatch !== undefined && row !== undefined) throw rowChanged(table, 'the row is there', etag)
  return row
}

/** Whether a hash is one of those of the header If-Match. */
function matches(ifMatch: string, etag: string | undefined): boolean {
  if (etag === undefined) return false
  return ifMatch.trim() === '*' || ifMatch.split(',').some((each) => each.trim() === etag)
}

async function findRow(
  session: Session,
  table: RowTable,
  key: readonly string[],
  path = 'rows/find_row',
): Promise<string | undefined> {
  const parameters = new Parameters()
  const text = statement(path, {
    target: table.name,
    columns: jsonColumns(table.columns),
    row: rowJson(sql`r`),
    same_key: hasKey(table, key, parameters),
  })
  const found = await withTextSettings(session, () => session.rows<{ row: string }>(text, parameters.values))
  if (found.length > 1) throw refused(`${found.length} rows have this key`, { column: table.key[0]?.name })
  return found[0]?.row
}

/** @throws DasyError ROW_REFUSED */
async function requireSameKey(
  session: Session,
  table: RowTable,
  {
    key,
    body,
    named,
  }: { readonly key: readonly string[]; readonly body: Body; readonly named: readonly RowColumn[] },
): Promise<void> {
  for (const column of named) {
    const parameters = new Parameters()
    parameters.values.push(body.text)
    const asked = parameters.compared(column, key[table.key.indexOf(column)] ?? '')
    const same = sql`coalesce(${input(column)} ${operatorOf(column, '=')} ${asked}, false)`
    const text = statement('rows/same_keys', { same })
    const row = await withTextSettings(session, () => session.row<{ same: boolean }>(text, parameters.values))
    if (!row?.same)
      throw refused('the key of the row is another one than that of the path', { column: column.name })
  }
}

/** @throws DasyError COLUMN_GENERATED for columns that an UPDATE cannot give a value */
function refuseFixed(table: RowTable, named: readonly RowColumn[]): void {
  const fixed = table.target.columns.filter((column) => column.generated).map(({ name }) => name)
  const found = named.find((column) => fixed.includes(column.name) && !table.key.includes(column))
  if (found) throw generated(table, found)
}
