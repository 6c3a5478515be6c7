import type { AggregateRequest } from './options.js'
import type { AggregateKind } from './receipt.js'
import { parseTableName, type TableName } from './table-name.js'

/** An aggregate that the table of a load must have; the load creates it if it is missing. */
export interface AggregateSetting {
  readonly column: string
  readonly into: TableName | undefined
  readonly kind: AggregateKind
}

/** @throws DasyError BAD_OPTION */
export function parseAggregates(requests: readonly AggregateRequest[] = []): AggregateSetting[] {
  return requests.map(({ column, into, as }) => ({
    column,
    into: into === undefined ? undefined : parseTableName(into, '--into'),
    kind: as === 'view' ? 'view' : 'live',
  }))
}
