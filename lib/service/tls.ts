import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { DasyError, reasonOf } from '../base/errors.js'

/** A certificate and its key, as PEM. */
export interface Tls {
  readonly cert: Buffer
  readonly key: Buffer
}

/** @throws DasyError TLS_UNREADABLE */
export function readTls(files: { readonly cert: string; readonly key: string }): Tls {
  const tls = { cert: read(files.cert), key: read(files.key) }
  try {
    createSecureContext(tls)
    return tls
  } catch (error) {
    throw unreadable(`${files.cert} and ${files.key} are no certificate and its key`, error)
  }
}

function read(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw unreadable(`${file} cannot be read`, error)
  }
}

function unreadable(what: string, cause: unknown): DasyError {
  return new DasyError('TLS_UNREADABLE', `${what}: ${reasonOf(cause)}`, {
    hint: 'Check --tls-cert and --tls-key.',
    cause,
  })
}
