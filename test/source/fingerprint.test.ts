import { open } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { fingerprintOf } from '../../lib/source/fingerprint.js'
import { file } from '../support/files.js'

/** What tells two editions of a file apart whose size and times are the same. */

async function fingerprint(t: Test, content: Uint8Array): Promise<string> {
  const handle = await open(file(t, content))
  try {
    return await fingerprintOf(handle, content.length)
  } finally {
    await handle.close()
  }
}

function changedAt(content: Uint8Array, at: number): Uint8Array {
  const changed = Uint8Array.from(content)
  changed[at] = (content[at] as number) ^ 1
  return changed
}

t.test('of a small file every byte counts, of a large one its ends and samples of the rest', async (t) => {
  const KIB = 1024
  const large = 17 * 1024 * KIB
  const cases: [size: number, places: number[]][] = [
    [1, [0]],
    [100 * KIB, [0, 50_000, 100 * KIB - 1]],
    [
      large,
      [0, 64 * KIB - 1, 1024 * KIB, 8 * 1024 * KIB + 4095, 16 * 1024 * KIB, large - 64 * KIB, large - 1],
    ],
  ]
  for (const [size, places] of cases) {
    const content = new Uint8Array(size).fill(97)
    const own = await fingerprint(t, content)
    t.equal(await fingerprint(t, content), own, `${size} bytes: the same again`)
    for (const at of places)
      t.not(await fingerprint(t, changedAt(content, at)), own, `${size} bytes, one changed at ${at}`)
  }
})
