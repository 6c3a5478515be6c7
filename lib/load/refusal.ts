import { sqlState } from '../db/failures.js'

/** COPY and the scan disagree about how many records these are: what COPY made of them is not believed. */
export class Miscounted extends Error {
  constructor(copied: number, records: number) {
    super(`PostgreSQL reads ${copied} records where there are ${records}`)
  }
}

/**
 * Whether COPY has something against the data: class 22 (bad copy file format, invalid text), 54 (a limit, such
 * as a field of 1 GB), or it counts other records, as PostgreSQL 15 to 17 do at a line that is just `\.`.
 */
export function isRefusal(error: unknown): error is Error {
  return error instanceof Miscounted || /^(22|54)/.test(sqlState(error) ?? '')
}

/** PostgreSQL's own words, on one line. */
export function reasonOf(refusal: Error): string {
  const { message } = (refusal.cause ?? refusal) as Error
  const [line = ''] = message.split(/[\r\n]/)
  return line.replace(/\p{Cc}/gu, ' ').trim()
}
