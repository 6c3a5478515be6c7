import type { Inspection } from '../../../lib/inspect/inspection.js'
import { request } from './request.js'

export type { Inspection }

/** How a file is read, if not as it is found to be written: options of `dasy inspect`. */
export type Reading = Readonly<Record<string, unknown>>

export const inspect = (upload: string, reading: Reading, signal: AbortSignal) =>
  request<Inspection>('POST', '/v1/inspect', { json: { upload, ...reading }, signal })
