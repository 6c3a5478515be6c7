import { request } from './request.js'

/** A table that dasy knows. */
export interface Table {
  readonly table: string
  readonly key: readonly string[]
  readonly columns: readonly Column[]
  /** About so many. */
  readonly rows: number | null
  readonly aggregates: readonly { readonly table: string; readonly column: string }[]
}

export interface Column {
  readonly name: string
  readonly type: string
  readonly generated?: boolean
}

export interface Dataset {
  readonly name: string
  readonly table: string
  readonly key: readonly string[]
}

export const listTables = async (signal?: AbortSignal) =>
  (await request<{ tables: readonly Table[] }>('GET', '/v1/tables', { signal })).tables

export const listDatasets = async (signal?: AbortSignal) =>
  (await request<{ datasets: readonly Dataset[] }>('GET', '/v1/datasets', { signal })).datasets
