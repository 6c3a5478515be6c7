import type { Token } from '../api/tokens.js'
import { localTime, printable } from './printable.js'
import { type Column, renderTable } from './table.js'

const COLUMNS: readonly (Column & { of(token: Token): string })[] = [
  { title: 'name', shrinks: true, of: ({ name }) => name },
  { title: 'scope', of: ({ scope }) => scope },
  { title: 'made', of: ({ createdAt }) => localTime(new Date(createdAt)) },
  { title: 'remark', of: remarkOf },
]

/** @param terminal its width in columns; undefined if there is none */
export function renderTokens(tokens: readonly Token[], terminal: number | undefined): string {
  if (tokens.length === 0) return 'there is no token yet\n'
  const rows = tokens.map((token) => COLUMNS.map(({ of }) => printable(of(token))))
  return renderTable(COLUMNS, rows, terminal)
}

function remarkOf({ expiresAt, revokedAt }: Token): string {
  if (revokedAt !== null) return `revoked ${localTime(new Date(revokedAt))}`
  if (expiresAt === null) return ''
  const end = new Date(expiresAt)
  return `${end.getTime() < Date.now() ? 'ended' : 'until'} ${localTime(end)}`
}
