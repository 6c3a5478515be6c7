import type { Dialect } from './scan.js'
export function describeDialect(
  _dialect: Dialect,
  encoding: string,
  _recordEnds: number,
  columns: readonly string[],
  _header: boolean,
): string {
  return `comma, ${encoding}, header: ${columns.join(', ')}`
}
