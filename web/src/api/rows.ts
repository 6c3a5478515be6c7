import type { Blame } from '../../../lib/api/blame.js'
import type { FilterOperator } from '../../../lib/contract/row-query.js'
import type { AsJson } from './as-json.js'
import { request, send } from './request.js'
import { type Column, tablePath } from './tables.js'

/** Single rows: listed, read, changed if nobody else has changed them meanwhile, and their history. */

export type Row = Readonly<Record<string, unknown>>

/** A row, and the mark of how it was when it was read. */
export interface ReadRow {
  readonly row: Row
  readonly etag: string
}

export interface RowPage {
  readonly rows: readonly Row[]
  readonly cursor: string | null
}

export interface Filter {
  readonly column: string
  readonly operator: FilterOperator
  readonly value: string
}

export const OPERATORS: Readonly<Record<FilterOperator, string>> = {
  eq: '=',
  ne: '≠',
  gt: '>',
  gte: '≥',
  lt: '<',
  lte: '≤',
  like: 'like',
  in: 'in',
  null: 'is NULL',
}

export interface RowsWanted {
  readonly filters: readonly Filter[]
  readonly sort: string
  readonly cursor: string
}

export async function listRows(
  table: string,
  { filters, sort, cursor }: RowsWanted,
  signal?: AbortSignal,
): Promise<RowPage> {
  const query = new URLSearchParams()
  for (const { column, operator, value } of filters)
    query.append(operator === 'eq' ? `filter[${column}]` : `filter[${column}][${operator}]`, value)
  if (sort !== '') query.set('sort', sort)
  if (cursor !== '') query.set('cursor', cursor)
  return await request('GET', `${tablePath(table)}/rows`, { query, signal })
}

export async function getRow(table: string, key: readonly string[], signal?: AbortSignal): Promise<ReadRow> {
  return await readRow(await send('GET', rowPath(table, key), { signal }))
}

/** @throws Problem PRECONDITION_FAILED if the row is not as it was read */
export async function changeRow(
  table: string,
  key: readonly string[],
  etag: string,
  changed: Row,
): Promise<ReadRow> {
  const headers = { 'if-match': etag }
  return await readRow(await send('PATCH', rowPath(table, key), { json: changed, headers }))
}

/** @throws Problem PRECONDITION_FAILED */
export async function deleteRow(table: string, key: readonly string[], etag: string): Promise<void> {
  await send('DELETE', rowPath(table, key), { headers: { 'if-match': etag } })
}

/** @returns the key that the new row has */
export async function insertRow(table: string, row: Row): Promise<string[]> {
  const { headers } = await send('POST', `${tablePath(table)}/rows`, { json: row })
  const key = headers.get('location')?.split('/').at(-1) ?? ''
  return key.split(',').map(decodeURIComponent)
}

export type RowHistory = AsJson<Blame>

export const historyOf = (table: string, key: readonly string[], signal?: AbortSignal) =>
  request<RowHistory>('GET', `${rowPath(table, key)}/blame`, { signal })

/** The values of a row's key, as texts; undefined if one is missing, or empty: no path names such a row. */
export function keyOf(row: Row, key: readonly string[] | null): string[] | undefined {
  const values = key?.map((column) => row[column])
  if (!values || values.some((value) => value === null || value === undefined || value === ''))
    return undefined
  return values.map(textOf)
}

/** A value as it is typed and shown. */
export function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '')
}

/** What was typed, as it is sent. @throws SyntaxError if JSON is expected and this is none */
export function typedValue({ type }: Column, text: string): unknown {
  return /^jsonb?$/.test(type) ? JSON.parse(text) : text
}

export function isNumeric({ type }: Column): boolean {
  return /^(smallint|integer|bigint|numeric|real|double precision|money)/.test(type) && !type.endsWith('[]')
}

function rowPath(table: string, key: readonly string[]): string {
  return `${tablePath(table)}/rows/${key.map(encodeURIComponent).join(',')}`
}

async function readRow(response: Response): Promise<ReadRow> {
  const row = (await response.json()) as Row
  return { row, etag: response.headers.get('etag') ?? '' }
}
