/** One JSON value on a line of standard output. Terminals obey the control characters from 0x7f on, too. */
export function printJson(value: unknown): void {
  const text = JSON.stringify(value).replace(
    /[\u007f-\u009f]/g,
    (character) => `\\u00${character.charCodeAt(0).toString(16)}`,
  )
  process.stdout.write(`${text}\n`)
}
