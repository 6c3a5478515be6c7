/**
 * The types to which a text can be cast without a change of the text, as the bits of lib/mapping/kinds.ts. The rules are those
 * of the function dasy.kinds (sql/migrations), plus a check that the day exists. They are written twice, here because inspect has no
 * server, and in the migration because --infer must not transfer columns; test/inspect/kinds.test.ts compares them.
 */

/** Characters: a longer text has no other type. */
const LONGEST = 100
const BOOLEANS = ['true', 'false', 'TRUE', 'FALSE', 'True', 'False']
const WHOLE = /^(0|-?[1-9][0-9]*)$/
const DECIMAL = /^(?!-[0.]+$)-?(0|[1-9][0-9]*)\.[0-9]+$/
const UUID = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/
const DAY = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/
const MOMENT =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?(Z|[-+]([0-9]{2})(?::?([0-9]{2}))?)?$/

const [BOOLEAN, INTEGER, BIGINT, NUMERIC, DATE, TIMESTAMP, TIMESTAMPTZ, UUID_BIT] = [
  1, 2, 4, 8, 16, 32, 64, 128,
] as const

/** All types that a column without values could have. */
export const ANY_KIND = 255

/** @returns 0 if the text can only be text */
export function kindsOf(text: string): number {
  if (text.length > LONGEST) return 0
  if (WHOLE.test(text)) return wholeKinds(text)
  if (DECIMAL.test(text)) return NUMERIC
  if (text[4] === '-') return calendarKinds(text)
  if (BOOLEANS.includes(text)) return BOOLEAN
  return UUID.test(text) ? UUID_BIT : 0
}

function wholeKinds(text: string): number {
  if (text.length <= 9) return INTEGER | BIGINT | NUMERIC
  const value = BigInt(text)
  if (value === BigInt.asIntN(32, value)) return INTEGER | BIGINT | NUMERIC
  return value === BigInt.asIntN(64, value) ? BIGINT | NUMERIC : NUMERIC
}

function calendarKinds(text: string): number {
  if (DAY.test(text)) return isDay(text) ? DATE | TIMESTAMP : 0
  const [, day = '', zone, zoneHour, zoneMinute] = MOMENT.exec(text) ?? []
  if (!isDay(day)) return 0
  if (zone === undefined) return TIMESTAMP
  return Number(zoneHour ?? 0) <= 15 && Number(zoneMinute ?? 0) <= 59 ? TIMESTAMPTZ : 0
}

function isDay(text: string): boolean {
  const [year = 0, month = 0, day = 0] = DAY.exec(text)?.slice(1).map(Number) ?? []
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0
  return year > 0 && day > 0 && day <= days
}
