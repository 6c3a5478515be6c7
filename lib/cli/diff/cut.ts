import width from 'string-width'

/** Cuts texts to a number of terminal columns; wide characters take two. */

const ELLIPSIS = '…'

/** The text, or its beginning and end with an ellipsis between them. */
export function cutMiddle(text: string, columns: number): string {
  if (fits(text, columns)) return text
  const room = Math.max(0, columns - 1)
  const end = takeLast(text, Math.floor(room / 2))
  return takeFirst(text, room - width(end)) + ELLIPSIS + end
}

/** Two versions of a text, cut so that the part in which they differ is shown, with as much around it as there is room for. */
export function cutAround(one: string, other: string, columns: number): [string, string] {
  if (fits(one, columns) && fits(other, columns)) return [one, other]
  const start = commonStart(one, other)
  const end = commonEnd(one, other, start)
  const [before, after] = [one.slice(0, start), end === 0 ? '' : one.slice(-end)]
  // What they have in common is shown at least as an ellipsis.
  const common = Math.sign(before.length) + Math.sign(after.length)
  const middles = [one, other].map((text) =>
    cutMiddle(text.slice(start, text.length - end), Math.max(1, columns - common)),
  )
  const widest = Math.max(...middles.map((middle) => width(middle)))
  const room = Math.max(0, columns - widest)
  const tail = endOf(after, Math.max(room - widthUpTo(before, room), Math.floor(room / 2)))
  const head = startOf(before, room - width(tail))
  const shown = (text: string, index: number) =>
    fits(text, columns) ? text : head + (middles[index] as string) + tail
  return [one, other].map(shown) as [string, string]
}

/** The last part of what precedes the difference. */
function startOf(before: string, columns: number): string {
  if (fits(before, columns)) return before
  return columns < 1 ? '' : ELLIPSIS + takeLast(before, columns - 1)
}

/** The first part of what follows the difference. */
function endOf(after: string, columns: number): string {
  if (fits(after, columns)) return after
  return columns < 1 ? '' : takeFirst(after, columns - 1) + ELLIPSIS
}

/** No character takes more than two columns, so of long texts only a part need be measured. */
function fits(text: string, columns: number): boolean {
  return text.length <= columns * 12 && width(text) <= columns
}

function widthUpTo(text: string, columns: number): number {
  return fits(text, columns) ? width(text) : columns
}

function takeFirst(text: string, columns: number): string {
  let taken = ''
  for (const character of text) {
    if (width(taken + character) > columns) break
    taken += character
  }
  return taken
}

function takeLast(text: string, columns: number): string {
  let taken = ''
  for (const character of [...text.slice(-12 * columns)].reverse()) {
    if (width(character + taken) > columns) break
    taken = character + taken
  }
  return columns > 0 ? taken : ''
}

function commonStart(one: string, other: string): number {
  const most = Math.min(one.length, other.length)
  let at = 0
  while (at < most && one[at] === other[at]) at += 1
  return isInsidePair(one, at) || isInsidePair(other, at) ? at - 1 : at
}

function commonEnd(one: string, other: string, start: number): number {
  const most = Math.min(one.length, other.length) - start
  let count = 0
  while (count < most && one.at(-1 - count) === other.at(-1 - count)) count += 1
  const isInside = isInsidePair(one, one.length - count) || isInsidePair(other, other.length - count)
  return isInside ? count - 1 : count
}

/** Whether a character of two units would be cut there. */
function isInsidePair(text: string, at: number): boolean {
  return /[\udc00-\udfff]/.test(text[at] ?? '') && /[\ud800-\udbff]/.test(text[at - 1] ?? '')
}
