import type { KnownTable } from '../../../lib/rows/known-tables.js'
import { type Query, request } from './request.js'

/** A table that dasy knows. */
export type Table = KnownTable
export type Column = Table['columns'][number]

export interface Dataset {
  readonly name: string
  readonly table: string
  readonly key: readonly string[]
}

export interface Group {
  readonly value: unknown
  readonly count: number
}

/** The groups of an aggregate, the largest first. */
export interface GroupPage {
  readonly groups: readonly Group[]
  readonly cursor: string | null
}

export const tablePath = (table: string): string => `/v1/tables/${encodeURIComponent(table)}`

export const listTables = async (signal?: AbortSignal) =>
  (await request<{ tables: readonly Table[] }>('GET', '/v1/tables', { signal })).tables

export const listDatasets = async (signal?: AbortSignal) =>
  (await request<{ datasets: readonly Dataset[] }>('GET', '/v1/datasets', { signal })).datasets

export const listGroups = (table: string, column: string, query: Query, signal?: AbortSignal) =>
  request<GroupPage>('GET', `${tablePath(table)}/aggregates/${encodeURIComponent(column)}`, { query, signal })
