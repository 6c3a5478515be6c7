import type { AggregateKind } from './options.js'

/** What `aggregate` did. */
export interface AggregateResult {
  readonly aggregate: string
  readonly table: string
  readonly column: string
  readonly kind: AggregateKind
  readonly action: 'created' | 'refreshed' | 'checked' | 'dropped'
  readonly groups: number | null
  readonly largest: readonly { readonly value: string | null; readonly count: number }[]
  /** Only with `check`: how it compares with its table. */
  readonly check?: AggregateCheck
}

/** The result of comparing an aggregate with its table. */
export interface AggregateCheck {
  /** The number of groups whose count was wrong or missing. */
  readonly differing: number
  readonly repaired: boolean
  /** At most ten of them, the largest difference first. */
  readonly differences: readonly AggregateDifference[]
}

export interface AggregateDifference {
  readonly value: string | null
  /** The count in the aggregate. */
  readonly kept: number
  /** The count in the table. */
  readonly counted: number
}
