import { badValue } from '../contract/values.js'

/** @throws DasyError BAD_OPTION */
export function runNumber(what: string, text: string): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value > 0) return value
  throw badValue(what, text, 'it takes a whole number from 1')
}
