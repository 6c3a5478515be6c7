import { isUtf8 } from 'node:buffer'
import { withoutLineEnd } from '../csv/line-end.js'
import type { RejectedRecord } from './rejects.js'

/** An output format of rejected records. */
interface RejectForm {
  readonly begin: Buffer
  /** @returns undefined for a record that this format omits */
  record(reject: RejectedRecord): Buffer | undefined
  readonly end: Buffer
}

export type Form = 'csv' | 'raw' | 'json'

const NOTHING = Buffer.alloc(0)

/** What a format needs besides the rejects. */
interface RejectContext {
  /** The header of the source with its line end, if it has one. */
  readonly header: Buffer
  /** The names of the sources, if there are several. */
  readonly names: readonly string[] | undefined
}

export const forms: Record<Form, (context: RejectContext) => RejectForm> = {
  /** A record is written as its bytes, in the encoding of its file. */
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

  /** Records to correct and load again: only complete ones. */
  raw: ({ header }) => {
    const lineEnd = lineEndOf(header)
    return {
      begin: header.length === 0 ? NOTHING : Buffer.concat([withoutLineEnd(header), lineEnd]),
      record: ({ record, complete }) => (complete ? Buffer.concat([record, lineEnd]) : undefined),
      end: NOTHING,
    }
  },

  /** One object per line (JSON Lines), so that readers need not keep all of them in memory. */
  json: ({ names }) => ({
    begin: NOTHING,
    record: ({ source, line, byte, reason, record, complete }) => {
      const from = names ? { source: names[source] } : {}
      const text = record.toString()
      // JSON cannot represent bytes that are not UTF-8.
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

/** The line end of the header, to be used for the output; LF if there is no header. */
function lineEndOf(header: Buffer): Buffer {
  const rest = header.subarray(withoutLineEnd(header).length)
  return rest.length > 0 ? rest : LF
}
