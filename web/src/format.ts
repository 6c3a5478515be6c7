import { byteSize, count, duration, localTime, sourceNames } from '../../lib/cli/printable.js'

/** Numbers, sizes and times as text, as the command line writes them. */

export { byteSize, count, duration, sourceNames }

/** Nothing where it is not known. */
export const knownCount = (value: number | null | undefined): string =>
  value === null || value === undefined ? '' : count(value)

/** `1 record`, `2 records`. */
export function counted(value: number, unit: string): string {
  return `${count(value)} ${unit}${value === 1 ? '' : 's'}`
}

/** In this browser's time zone. */
export const time = (iso: string): string => localTime(new Date(iso))

export function percent(part: number, whole: number): string {
  if (whole === 0) return ''
  const share = (100 * part) / whole
  return share > 0 && share < 0.1 ? '< 0.1 %' : `${share.toFixed(1)} %`
}
