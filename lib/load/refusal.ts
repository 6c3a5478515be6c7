import { sqlState } from '../db/failures.js'

/** COPY and the scan count different numbers of records, so the rows that COPY made must not be used. */
export class Miscounted extends Error {
  constructor(copied: number, records: number) {
    super(`PostgreSQL reads ${copied} records where there are ${records}`)
  }
}

/** A record that is omitted, because it loses to another one with the same key, is bad: it has to be rejected. */
export class BadOmitted extends Error {
  constructor() {
    super('a record that was left out is bad')
  }
}

/**
 * Whether COPY refuses the data: SQLSTATE class 22 (bad copy file format, invalid text), class 54 (a limit, such as a
 * field of 1 GB), or another number of records than the scan counted (PostgreSQL 15 to 17 end at a line that is
 * just `\.`); or would refuse a record that it does not get.
 */
export function isRefusal(error: unknown): error is Error {
  if (error instanceof Miscounted || error instanceof BadOmitted) return true
  return /^(22|54)/.test(sqlState(error) ?? '')
}

/** The first line of PostgreSQL's message, without control characters. */
export function reasonOf(refusal: Error): string {
  const { message } = (refusal.cause ?? refusal) as Error
  const [line = ''] = message.split(/[\r\n]/)
  return line.replace(/\p{Cc}/gu, ' ').trim()
}
