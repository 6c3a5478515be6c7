import { type DestinationStream, type Logger, pino } from 'pino'
import { ownHost } from '../base/host.js'

export const LOG_FORMATS = ['pretty', 'json'] as const
export const LOG_LEVELS = ['error', 'warn', 'info', 'debug', 'silent'] as const

export interface LogOptions {
  readonly format: (typeof LOG_FORMATS)[number]
  readonly level: (typeof LOG_LEVELS)[number]
  readonly colors: boolean
}

let current: Logger | undefined

/** The log of this process; undefined if it has none. */
export function processLog(): Logger | undefined {
  return current
}

/** Begins to log on standard error. */
export async function openLog({ format, level, colors }: LogOptions): Promise<Logger> {
  const settings = {
    level,
    base: { host: ownHost(), pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  // At once, so that nothing is lost when the process ends.
  const destination = pino.destination({ fd: 2, sync: true })
  current = pino(settings, format === 'json' ? destination : await readable(destination, colors))
  return current
}

async function readable(destination: DestinationStream, colorize: boolean): Promise<DestinationStream> {
  const { default: pretty } = await import('pino-pretty')
  return pretty({
    colorize,
    singleLine: true,
    ignore: 'host,pid',
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss',
    destination: destination as NodeJS.WritableStream & DestinationStream,
  })
}
