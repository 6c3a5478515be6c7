import { MANY_RECORDS } from '../../lib/merge/choose.js'

/** Repeats the last record of a file, so that a load of it creates an empty table of `migrate up` again. */
export function enoughToMakeAgain(content: string): string {
  const last = content.slice(content.lastIndexOf('\n', content.length - 2) + 1)
  return content + last.repeat(MANY_RECORDS)
}
