import type { Change } from '../../../lib/contract/change.js'
import type { KnownReceipt, Rows } from '../../../lib/contract/receipt.js'
import { jsonLines, type Query, request } from './request.js'

export type { Change, Rows }

/** A run, as `dasy runs --json` has it, and when it began. */
export type Run = KnownReceipt & {
  readonly startedAt?: string
  readonly endedAt?: string | null
  /** Of a plan. */
  readonly sample?: readonly Change[]
}

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
  request<RunsPage>('GET', '/v1/runs', { query, signal })

export const getRun = (run: number, signal?: AbortSignal) =>
  request<Run>('GET', `/v1/runs/${run}`, { signal })

export const startRun = (load: object) => request<Begun>('POST', '/v1/runs', { json: load })

/** What can be done with a run: as the command of this name does. */
export type RunVerb = 'apply' | 'undo' | 'resume' | 'cancel'

export const act = (run: number, verb: RunVerb, options: object = {}) =>
  request<Begun>('POST', `/v1/runs/${run}/${verb}`, { json: options })

/** The first of them, and whether there are more. */
export async function firstOf<Value>(
  path: string,
  most: number,
  signal?: AbortSignal,
): Promise<{ readonly items: readonly Value[]; readonly hasMore: boolean }> {
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
