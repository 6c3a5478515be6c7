import { open } from 'node:fs/promises'
import xxhash from 'xxhash-wasm'

/** Bytes read at a time. */
const CHUNK = 1024 * 1024

let code: ReturnType<typeof xxhash> | undefined

/** The XXH64 of all bytes of a file, in hexadecimal. */
export async function hashOf(path: string): Promise<string> {
  code ??= xxhash()
  const hash = (await code).create64()
  await using handle = await open(path, 'r')
  const buffer = Buffer.allocUnsafe(CHUNK)
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, CHUNK)
    if (bytesRead === 0) return hash.digest().toString(16).padStart(16, '0')
    hash.update(buffer.subarray(0, bytesRead))
  }
}
