/**
 * One JSON value on a line. It escapes the control characters from U+007F on, which terminals obey and JSON.stringify()
 * leaves as they are.
 */
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
