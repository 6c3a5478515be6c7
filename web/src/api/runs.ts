import type { TimedReceipt } from '../../../lib/api/runs.js'
import type { Change, UndoConflict } from '../../../lib/contract/change.js'
import type { Rows } from '../../../lib/contract/receipt.js'
import { jsonLines, type Query, request } from './request.js'

export type { Change, Rows, UndoConflict }

/** A run, as `dasy runs --json` has it, and when it began. */
export type Run = TimedReceipt

export interface RunsPage {
  readonly runs: readonly Run[]
  readonly cursor: number | null
}

/** A run that a request has begun. */
export interface Begun {
  readonly run: number
}

export interface Reject {
  /** If the run has several. */
  readonly source?: string
  readonly line: number
  readonly byte: number
  readonly reason: string
  /** As it was, or its beginning. */
  readonly record: string
  readonly complete: boolean
}

export const listRuns = (query: Query, signal?: AbortSignal) =>
  request<RunsPage>('GET', '/v1/runs', { query: { ...query, details: true }, signal })

export const getRun = (run: number, signal?: AbortSignal) =>
  request<Run>('GET', `/v1/runs/${run}`, { query: { details: true }, signal })

export const startRun = (load: object) => request<Begun>('POST', '/v1/runs', { json: load })

/** What can be done with a run: as the command of this name does. */
export type RunVerb = 'apply' | 'undo' | 'resume' | 'cancel'

export const act = (run: number, verb: RunVerb, options: object = {}) =>
  request<Begun>('POST', `/v1/runs/${run}/${verb}`, { json: options })

/** The beginning of what may be long. */
export interface First<Value> {
  readonly items: readonly Value[]
  readonly hasMore: boolean
}

/** One more is asked for, to know whether there are more. */
export async function firstChanges(
  run: number,
  { op }: { readonly op: string },
  most: number,
  signal?: AbortSignal,
): Promise<First<Change>> {
  const query = new URLSearchParams({ ...(op !== '' && { op }), limit: String(most + 1) })
  return await firstOf<Change>(`/v1/runs/${run}/changes?${query}`, most, signal)
}

export const firstRejects = (run: number, most: number, signal?: AbortSignal) =>
  firstOf<Reject>(`/v1/runs/${run}/rejects`, most, signal)

async function firstOf<Value>(path: string, most: number, signal?: AbortSignal): Promise<First<Value>> {
  const items: Value[] = []
  const stop = new AbortController()
  signal?.addEventListener('abort', () => stop.abort(), { once: true })
  for await (const item of jsonLines<Value>(path, stop.signal)) {
    if (items.length === most) {
      stop.abort()
      return { items, hasMore: true }
    }
    items.push(item)
  }
  return { items, hasMore: false }
}

/** Whether it waits or is at work. */
export function isAtWork({ status }: Pick<Run, 'status'>): boolean {
  return status === 'queued' || status === 'running'
}
