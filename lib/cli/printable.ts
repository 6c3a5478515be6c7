export { count } from '../base/count.js'

/** Text from a file or a database for one line of a terminal: without control characters. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, '\ufffd')
}

/** The same for text of several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** `906 kB`, in units of 1000. */
export function byteSize(bytes: number): string {
  let size = bytes
  let unit = 0
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000
    unit++
  }
  return `${size.toFixed(unit === 0 || size >= 100 ? 0 : 1)} ${UNITS[unit]}`
}

/** Seconds for people: `8 s`, `1:15`, `2:00:05`. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`
  const whole = Math.ceil(seconds)
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const tail = String(rest).padStart(2, '0')
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`
}

/** A time in the local time zone: 2026-03-29 14:05:00. */
export function localTime(time: Date): string {
  const [year, ...rest] = [
    ...[time.getFullYear(), time.getMonth() + 1, time.getDate()],
    ...[time.getHours(), time.getMinutes(), time.getSeconds()],
  ]
  const [month, day, hour, minute, second] = rest.map((part) => String(part).padStart(2, '0'))
  return `${year}-${month}-${day} ${hour}:${minute}:${second}`
}

/** The sources of a run for people: `-` is called standard input. Some runs have none. */
export function sourceNames(source: string | readonly string[] | null): string {
  return [source ?? []]
    .flat()
    .map((name) => (name === '-' ? 'standard input' : name))
    .join(', ')
}
