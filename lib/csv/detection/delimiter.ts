import { NO_QUOTE } from '../../contract/dialect-options.js'
import { fitOf, type Sample } from '../sample.js'
import { best, better, type Candidate, COMMA, CONSISTENT, HALF, isSplit, said } from './candidate.js'
import type { Given } from './detection.js'
import { oneColumn } from './one-column.js'
import { type ChosenDelimiter, DOUBLE_QUOTE, Quotings } from './quotings.js'
import { namedBy } from './wanted.js'

/** Rules 1 and 2 of the detection in docs/csv.md: which delimiter a text has. */

const [SEMICOLON, TAB, PIPE] = [0x3b, 0x09, 0x7c]
const DELIMITERS = [COMMA, SEMICOLON, TAB, PIPE]

/** The part of the winner's score that a rival must reach to be mentioned. */
const COMPARABLE = 0.35

export function chooseDelimiter(text: Buffer, given: Given, final: boolean): ChosenDelimiter {
  if (given.delimiter !== undefined)
    return { quotings: new Quotings(text, given.delimiter, given, final), doubts: [] }
  const present = DELIMITERS.filter((delimiter) => text.includes(delimiter))
  const asked = present.filter((delimiter) => namesAll(text, delimiter, given))
  const candidates = asked.length > 0 ? asked : present
  const judge = (delimiter: number) => best(new Quotings(text, delimiter, given, final), given)
  const columns = candidates
    .filter((delimiter) => candidates.length === 1 || mayMakeColumns(text, delimiter, given))
    .map(judge)
    .filter((candidate) => makesColumns(candidate, given))
    .sort(better)
  const [chosen] = columns
  if (!chosen) return oneColumn(text, given, final, present.map(judge))
  const rivals = columns.slice(1).filter((rival) => isRival(rival, chosen))
  return {
    quotings: chosen.quotings,
    doubts: rivals.slice(0, 1).map((rival) => ({
      text: `not sure of the delimiter: ${said(chosen)}, ${said(rival)}; --delimiter decides`,
    })),
  }
}

/** Whether the first record names all requested columns: by rule 1 no other delimiter is tried then. */
function namesAll(text: Buffer, delimiter: number, given: Given): boolean {
  if (!given.header || given.wanted.all.length === 0) return false
  return new Quotings(text, delimiter, given, false).firstOnly.some(
    ({ records: [first], dialect }) => namedBy(first, dialect, given.wanted).asked === 2,
  )
}

/** Bytes that show that a character is no delimiter, because most records have one field. */
const FIRST_LOOK = 4096

/** A cheap check of the first bytes. */
function mayMakeColumns(text: Buffer, delimiter: number, given: Given): boolean {
  if (text.length <= 2 * FIRST_LOOK) return true
  const { sample, shape, asked } = best(
    new Quotings(text.subarray(0, FIRST_LOOK), delimiter, given, false),
    given,
  )
  return shape.fields !== 1 || asked > 0 || sample.records.length < 10 || fitOf(shape) < 0.6
}

/** Whether its fields are columns, in the header too unless that seems to be a title. */
function makesColumns(candidate: Candidate, { header, columns }: Given): boolean {
  const { shape, asked, leading } = candidate
  if (!isSplit(candidate)) return false
  if (columns !== undefined) return asked > 0 || shape.fitting > 0
  if (asked > 0) return true
  if (fitOf(shape) < HALF) return false
  return !header || shape.first > 1 || leading > 0
}

function isRival(rival: Candidate, chosen: Candidate): boolean {
  if (rival.asked < chosen.asked || rival.known < chosen.known) return false
  if (splitsOnlyCells(rival, chosen) || splitsInQuotes(rival, chosen)) return false
  return fitOf(rival.shape) >= CONSISTENT && rival.score >= COMPARABLE * chosen.score
}

/** It takes the header of the chosen delimiter for a title: it only splits the cells of some column. */
function splitsOnlyCells(rival: Candidate, { leading, shape }: Candidate): boolean {
  if (rival.leading === 0 || leading > 0 || fitOf(shape) < 0.9) return false
  return shape.fields > rival.shape.fields || !rival.isNamed
}

/** It fits only without quotes, although nearly all records have quotes and all of these are in their places. */
function splitsInQuotes(rival: Candidate, { sample }: Candidate): boolean {
  return rival.sample.dialect.quote === NO_QUOTE && isWellQuoted(sample)
}

function isWellQuoted({ records, quoted, faulty, dialect }: Sample): boolean {
  return dialect.quote === DOUBLE_QUOTE && faulty === 0 && quoted >= 0.75 * records.length
}
