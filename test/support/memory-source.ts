import type { Source, SourceLocation } from '../../lib/source/source.js'

/** A source whose text is in memory. Without a location it is a stream, which is read in order. */
export function memorySource(text: string | Uint8Array, more: Partial<Source> = {}): Source {
  const bytes = Buffer.from(text)
  let consumed = 0
  const source: Source = {
    ordinal: 0,
    kind: 'file',
    name: 'a.csv',
    path: '/a.csv',
    size: bytes.length,
    get consumed() {
      return consumed
    },
    repeatable: true,
    identity: {},
    location: undefined,
    async head(length) {
      return Uint8Array.from(bytes.subarray(0, length))
    },
    async decoded() {
      throw new Error('it is not encoded')
    },
    async read(into, offset) {
      const part = bytes.subarray(offset, offset + into.length)
      into.set(part)
      consumed = Math.max(consumed, offset + part.length)
      return part.length
    },
    async rest() {},
    async verifyUnchanged() {},
    async close() {},
    async [Symbol.asyncDispose]() {},
  }
  return Object.defineProperties(source, Object.getOwnPropertyDescriptors(more))
}

export const LOCATION: SourceLocation = {
  path: '/a.csv',
  name: 'a.csv',
  stated: { size: 0, mtimeNs: '0', ctimeNs: '0', inode: '0' } as SourceLocation['stated'],
}

export const DIALECT = { delimiter: 0x2c, quote: 0x22, escape: 0x22, trim: false }
