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

/** SQLSTATE: a value is not of the column's type, or beyond its range. */
const NOT_OF_TYPE = ['22P02', '22003']

/** Whether a value does not have the type of its staging column, which only a key on the direct path has, if it is not a text. */
export function isMistyped(error: unknown): boolean {
  return NOT_OF_TYPE.includes(sqlState(error) ?? '')
}

/**
 * Whether COPY refuses the data: SQLSTATE class 22 (bad copy file format, invalid text), class 54 (a limit, such as a
 * field of 1 GB), or another number of records than the scan counted (PostgreSQL 15 to 17 end at a line that is
 * just `\.`); or would refuse a record that it does not get. A value of the wrong type is not among them: its record is judged
 * when it is staged as text.
 */
export function isRefusal(error: unknown): error is Error {
  if (error instanceof Miscounted || error instanceof BadOmitted) return true
  return /^(22|54)/.test(sqlState(error) ?? '') && !isMistyped(error)
}

/** The first line of PostgreSQL's message, without control characters. */
export function reasonOf(refusal: Error): string {
  const { message } = (refusal.cause ?? refusal) as Error
  const [line = ''] = message.split(/[\r\n]/)
  return line.replace(/\p{Cc}/gu, ' ').trim()
}
