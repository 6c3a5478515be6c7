/** One JSON value as a line. Terminals obey the control characters from 0x7f on, too. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value).replace(
    /[\u007f-\u009f]/g,
    (character) => `\\u00${character.charCodeAt(0).toString(16)}`,
  )
  return `${text}\n`
}

export function printJson(value: unknown): void {
  process.stdout.write(toJson(value))
}
