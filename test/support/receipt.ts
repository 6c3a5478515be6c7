/** The fields of a receipt, in the order of the contract. */
export const RECEIPT_FIELDS = [
  'run',
  'command',
  'status',
  'source',
  'table',
  'key',
  'bytes',
  'workers',
  'rows',
  'aggregates',
  'seconds',
  'doubts',
]
