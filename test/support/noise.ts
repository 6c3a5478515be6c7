import { createCipheriv } from 'node:crypto'

/** Bytes that cannot be compressed, the same in each run. */
export function noise(length: number): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, 1), Buffer.alloc(16)).update(Buffer.alloc(length))
}
