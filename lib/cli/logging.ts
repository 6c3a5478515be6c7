import { oneOf } from '../contract/values.js'
import type { TracedStatement } from '../db/trace.js'
import { onStatement } from '../db/trace.js'
import { LOG_FORMATS, LOG_LEVELS, type LogOptions, openLog } from '../observe/log.js'
import { RunLog } from '../observe/run-log.js'
import { colorsOf } from './colors.js'
import { type Arguments, type Command, takeNotesBy } from './command.js'
import { onOneLine, printStatement } from './statements.js'

/**
 * Begins to log what this process does.
 * @throws DasyError BAD_OPTION
 */
export async function startLog(
  { logFormat, logLevel, quiet, verbose }: Arguments,
  { isLogged }: Command,
): Promise<void> {
  if (logFormat !== undefined) oneOf('--log-format', logFormat, LOG_FORMATS)
  if (logLevel !== undefined) oneOf('--log-level', logLevel, LOG_LEVELS)
  const { isTTY } = process.stderr
  const format: LogOptions['format'] = logFormat ?? (isLogged && !isTTY ? 'json' : 'pretty')
  const isReadTwice = isTTY && process.stdout.isTTY && !verbose && logFormat === undefined
  const level: LogOptions['level'] =
    logLevel ?? (quiet ? 'error' : verbose ? 'debug' : isLogged && isReadTwice ? 'warn' : 'info')
  const log = await openLog({ format, level, colors: colorsOf(process.stderr).isColorSupported })
  new RunLog(log)
  if (format === 'json') takeNotesBy((text) => log.info({ note: text }, 'note'))
  if (!verbose) return
  const logStatement = ({ text, milliseconds, ok }: TracedStatement): void =>
    log.debug(
      { statement: onOneLine(text), milliseconds: Math.round(milliseconds * 10) / 10, ok },
      'statement',
    )
  onStatement(format === 'json' ? logStatement : printStatement)
}
