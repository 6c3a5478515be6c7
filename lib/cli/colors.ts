import type { WriteStream } from 'node:tty'
import picocolors from 'picocolors'

export type Colors = ReturnType<typeof picocolors.createColors>

/** Whether somebody said --color or --no-color; main() sets it. */
let wanted: boolean | undefined

export function setColors(color: boolean | undefined): void {
  wanted = color
}

/** Colors for what is written to a stream: where it is a terminal, unless flag or environment say otherwise. */
export function colorsOf(stream: Pick<WriteStream, 'isTTY'>): Colors {
  return picocolors.createColors(wanted ?? fromEnvironment(process.env) ?? isCapable(stream))
}

/** https://no-color.org, https://force-color.org */
function fromEnvironment({ NO_COLOR, FORCE_COLOR }: NodeJS.ProcessEnv): boolean | undefined {
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return NO_COLOR ? false : undefined
}

function isCapable({ isTTY }: Pick<WriteStream, 'isTTY'>): boolean {
  return isTTY === true && process.env.TERM !== 'dumb'
}
