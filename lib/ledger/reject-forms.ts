import { isUtf8 } from 'node:buffer'
import { withoutLineEnd } from '../csv/line-end.js'
import type { RejectedRecord } from './rejects.js'

/** A way of writing rejected records down. */
interface RejectForm {
  readonly begin: Buffer
  /** Undefined for one that has no place in this form. */
  record(reject: RejectedRecord): Buffer | undefined
  readonly end: Buffer
}

export type Form = 'csv' | 'raw' | 'json'

const NOTHING = Buffer.alloc(0)

/** What a form may tell of the run besides its rejects. */
interface Origins {
  /** The first record of the source with its line end, if it has one. */
  readonly header: Buffer
  /** The names of the sources, if there are several. */
  readonly names: readonly string[] | undefined
}

export const forms: Record<Form, (origins: Origins) => RejectForm> = {
  /** A record is bytes, in whatever encoding its file has. */
  csv: ({ names }) => ({
    begin: Buffer.from(`${names ? 'source,' : ''}line,byte,reason,record\n`),
    record: ({ source, line, byte, reason, record }) =>
      Buffer.concat([
        ...(names ? [quoted(Buffer.from(names[source] ?? '')), COMMA] : []),
        Buffer.from(`${line},${byte},`),
        quoted(Buffer.from(reason)),
        COMMA,
        quoted(record),
        LF,
      ]),
    end: NOTHING,
  }),

  /** What can be mended and loaded again, so only what is whole. */
  raw: ({ header }) => {
    const lineEnd = lineEndOf(header)
    return {
      begin: header.length === 0 ? NOTHING : Buffer.concat([withoutLineEnd(header), lineEnd]),
      record: ({ record, complete }) => (complete ? Buffer.concat([record, lineEnd]) : undefined),
      end: NOTHING,
    }
  },

  /** An object a line, so that nobody has to hold all of them. */
  json: ({ names }) => ({
    begin: NOTHING,
    record: ({ source, line, byte, reason, record, complete }) => {
      const from = names ? { source: names[source] } : {}
      const text = record.toString()
      // Bytes that are not UTF-8 cannot be told in JSON as they are.
      const bytes = isUtf8(record) ? {} : { base64: record.toString('base64') }
      return Buffer.from(
        `${JSON.stringify({ ...from, line, byte, reason, record: text, ...bytes, complete })}\n`,
      )
    },
    end: NOTHING,
  }),
}

const COMMA = Buffer.from(',')
const LF = Buffer.from('\n')
const QUOTE = 0x22
const SPECIAL = [QUOTE, 0x2c, 0x0a, 0x0d]

function quoted(bytes: Buffer): Buffer {
  if (bytes.length > 0 && !SPECIAL.some((byte) => bytes.includes(byte))) return bytes
  const quotes = bytes.reduce((count, byte) => count + (byte === QUOTE ? 1 : 0), 2)
  const written = Buffer.allocUnsafe(bytes.length + quotes)
  let at = 0
  written[at++] = QUOTE
  for (const byte of bytes) {
    if (byte === QUOTE) written[at++] = QUOTE
    written[at++] = byte
  }
  written[at] = QUOTE
  return written
}

/** That of the header, so that what is written ends its lines as the file does. */
function lineEndOf(header: Buffer): Buffer {
  const rest = header.subarray(withoutLineEnd(header).length)
  return rest.length > 0 ? rest : LF
}
