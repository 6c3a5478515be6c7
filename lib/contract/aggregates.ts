import type { AggregateKind, AggregateRequest } from './options.js'
import { parseTableName, type TableName } from './table-name.js'

/** An aggregate that a load's table is to have. */
export interface AggregateSetting {
  readonly column: string
  readonly into: TableName | undefined
  readonly kind: AggregateKind
}

/** @throws DasyError BAD_OPTION */
export function parseAggregates(wishes: readonly AggregateRequest[] = []): AggregateSetting[] {
  return wishes.map(({ column, into, as }) => ({
    column,
    into: into === undefined ? undefined : parseTableName(into, '--into'),
    kind: as === 'view' ? 'view' : 'live',
  }))
}
