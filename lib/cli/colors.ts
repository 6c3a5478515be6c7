import type { WriteStream } from 'node:tty'
import picocolors from 'picocolors'

export type Colors = ReturnType<typeof picocolors.createColors>

/** What --color or --no-color says; undefined without either. */
let flag: boolean | undefined

export function setColors(color: boolean | undefined): void {
  flag = color
}

/** The colors for a stream: used if it is a terminal, unless the flag or the environment decide otherwise. */
export function colorsOf(stream: Pick<WriteStream, 'isTTY'>): Colors {
  return picocolors.createColors(flag ?? fromEnvironment(process.env) ?? isCapable(stream))
}

/** https://no-color.org, https://force-color.org */
function fromEnvironment({ NO_COLOR, FORCE_COLOR }: NodeJS.ProcessEnv): boolean | undefined {
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false'
  return NO_COLOR ? false : undefined
}

function isCapable({ isTTY }: Pick<WriteStream, 'isTTY'>): boolean {
  return isTTY === true && process.env.TERM !== 'dumb'
}
