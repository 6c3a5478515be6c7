import { DasyError } from './errors.js'

/** @param flag the option that names the port: --port */
export function listenFailed(
  error: NodeJS.ErrnoException,
  host: string,
  port: number,
  flag: string,
): DasyError {
  const details = { host, port }
  if (error.code === 'EADDRINUSE')
    return new DasyError('PORT_IN_USE', `port ${port} of ${host} is in use`, {
      hint: `Name another with ${flag}, or let the system choose: ${flag} 0`,
      details,
    })
  return new DasyError('LISTEN_FAILED', `cannot listen on ${host}, port ${port}: ${error.message}`, {
    hint: `Check ${flag.replace('port', 'host')} and ${flag}.`,
    details,
  })
}
