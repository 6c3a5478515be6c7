// Damage to a file, one small change after the other.

/**
 * @typedef {object} Damaged
 * @property {Buffer} bytes
 * @property {Int32Array} origins where each byte stood in the undamaged file, or -1
 * @property {string[]} mutations what was done, for people
 *
 * @typedef {object} Change
 * @property {number} at
 * @property {number} remove bytes
 * @property {Buffer} insert
 * @property {string} what
 *
 * @typedef {import('./random.mjs').Random} Random
 * @typedef {(bytes: Buffer, random: Random) => Change} Kind
 */

const MOST = 8

const TEXTS = [
  '"',
  '"',
  '"',
  '""',
  '"""',
  ',',
  ',,',
  '","',
  '",',
  ',"',
  '\n',
  '\r',
  '\r\n',
  '"\n',
  '\n"',
  ' 5" x 6"',
  '\0',
]
const LINES = [
  '\n\n',
  '\r\n\r\n',
  '\r\r',
  '\n\r',
  '\n\\.\n',
  '\r\n\\.\r\n',
  '\r\\.\r',
  '\n"\n',
  '\n,\n',
  '\r\n,,,,,\r\n',
  '\uFEFF',
]
const INVALID_UTF8 = ['ff', 'c3', '80', 'c080', 'e282', 'eda080', 'f4908080', 'f8', '00']

/**
 * @param {Buffer} undamaged
 * @param {Random} random
 * @returns {Damaged}
 */
export function damage(undamaged, random) {
  let bytes = undamaged
  let origins = Int32Array.from(bytes, (_, index) => index)
  /** @type {string[]} */
  const mutations = []
  for (let left = random.chance(40) ? 1 : random.between(1, MOST); left > 0; left -= 1) {
    const kind = random.pick(KINDS)
    // Fields that are opened one after the other and never closed are a case of their own.
    for (let again = random.chance(10) ? random.between(2, MOST) : 1; again > 0; again -= 1) change(kind)
  }
  return { bytes, origins, mutations }

  /** @param {Kind} kind */
  function change(kind) {
    const { at, remove, insert, what } = kind(bytes, random)
    const end = Math.min(at + remove, bytes.length)
    bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(end)])
    const moved = new Int32Array(bytes.length).fill(-1)
    moved.set(origins.subarray(0, at))
    moved.set(origins.subarray(end), at + insert.length)
    origins = moved
    mutations.push(`byte ${at}: ${what}`)
  }
}

/** @type {Kind[]} */
const KINDS = [
  (bytes, random) => {
    const remove = random.chance(70) ? 1 : random.between(2, 40)
    return { at: place(bytes, random), remove, insert: Buffer.alloc(0), what: `${remove} dropped` }
  },
  (bytes, random) => {
    const at = place(bytes, random)
    const insert = bytes.subarray(at, at + (random.chance(70) ? 1 : random.between(2, 300)))
    return { at, remove: 0, insert, what: `${insert.length} doubled` }
  },
  (bytes, random) => {
    const at = place(bytes, random)
    const [a, b] = [bytes.subarray(at, at + 1), bytes.subarray(at + 1, at + 2)]
    return { at, remove: 2, insert: Buffer.concat([b, a]), what: 'swapped with the next' }
  },
  (bytes, random) => put(bytes, random, Buffer.from(random.pick(TEXTS))),
  (bytes, random) => put(bytes, random, Buffer.from(random.pick(TEXTS))),
  (bytes, random) => opened(bytes, random),
  (bytes, random) => put(bytes, random, Buffer.from(random.pick(LINES))),
  (bytes, random) => put(bytes, random, Buffer.from(random.pick(INVALID_UTF8), 'hex')),
  (bytes, random) => {
    if (!random.chance(20)) return put(bytes, random, Buffer.from('"'))
    const at = random.below(bytes.length)
    return { at, remove: bytes.length, insert: Buffer.alloc(0), what: 'cut off' }
  },
  (bytes, random) => {
    if (!random.chance(20)) return put(bytes, random, Buffer.from('\n'))
    return { at: 0, remove: 0, insert: Buffer.from('\uFEFF'), what: 'a byte order mark' }
  },
]

/** A quote at the start of a field. @param {Buffer} bytes @param {Random} random @returns {Change} */
function opened(bytes, random) {
  const at = bytes.indexOf(random.pick([',', '\n']), random.below(bytes.length)) + 1
  return { at, remove: 0, insert: Buffer.from('"'), what: 'a field opened' }
}

/** Inserted, or instead of a byte. @param {Buffer} bytes @param {Random} random @param {Buffer} insert */
function put(bytes, random, insert) {
  const remove = random.below(2)
  const what = `${JSON.stringify(insert.toString('latin1'))} ${remove ? 'instead' : 'inserted'}`
  return { at: place(bytes, random), remove, insert, what }
}

/** Anywhere, but often where it hurts: at a quote, a comma or a line end, or right behind.
 * @param {Buffer} bytes
 * @param {Random} random
 */
function place(bytes, random) {
  let at = random.below(bytes.length + 1)
  if (random.chance(40)) return at
  while (at < bytes.length && !'",\r\n'.includes(String.fromCharCode(bytes[at] ?? 0))) at += 1
  return Math.min(at + random.below(2), bytes.length)
}
