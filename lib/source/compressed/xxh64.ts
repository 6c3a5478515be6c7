/**
 * The checksum of zstd frames: the lower half of XXH64 with seed 0. A word of 64 bits is two of 32 bits here, because
 * BigInt would take longer than decompressing.
 */

const P1 = 0x9e3779b185ebca87n
const P2 = 0xc2b2ae3d27d4eb4fn
const P3 = 0x165667b19e3779f9n
const P4 = 0x85ebca77c2b2ae63n
const P5 = 0x27d4eb2f165667c5n

/** Bytes: a word for each of the four lanes. */
const STRIPE = 32

export class Xxh64 {
  /** The four lanes' words, lower halves first. */
  readonly #lanes = new Int32Array(8)
  readonly #left = Buffer.alloc(STRIPE)
  #leftLength = 0
  #length = 0

  constructor() {
    const starts = [P1 + P2, P2, 0n, -P1]
    starts.forEach((start, lane) => {
      this.#lanes[lane * 2] = Number(BigInt.asIntN(32, start))
      this.#lanes[lane * 2 + 1] = Number(BigInt.asIntN(32, start >> 32n))
    })
  }

  update(bytes: Uint8Array): void {
    this.#length += bytes.length
    let at = 0
    if (this.#leftLength > 0) {
      at = Math.min(STRIPE - this.#leftLength, bytes.length)
      this.#left.set(bytes.subarray(0, at), this.#leftLength)
      this.#leftLength += at
      if (this.#leftLength < STRIPE) return
      this.#stripes(this.#left, 0, STRIPE)
      this.#leftLength = 0
    }
    const whole = at + Math.floor((bytes.length - at) / STRIPE) * STRIPE
    this.#stripes(bytes, at, whole)
    this.#left.set(bytes.subarray(whole), 0)
    this.#leftLength = bytes.length - whole
  }

  /** @param checksum the four bytes after a frame */
  matches(checksum: Uint8Array): boolean {
    const stated = new DataView(checksum.buffer, checksum.byteOffset).getUint32(0, true)
    return BigInt.asUintN(32, this.#digest()) === BigInt(stated)
  }

  #digest(): bigint {
    let hash = word(BigInt(this.#length) + (this.#length < STRIPE ? P5 : this.#merged()))
    const left = this.#left.subarray(0, this.#leftLength)
    let at = 0
    for (; at + 8 <= left.length; at += 8) {
      hash = word(rotate(hash ^ round(0n, left.readBigUInt64LE(at)), 27n) * P1 + P4)
    }
    if (at + 4 <= left.length) {
      hash = word(rotate(hash ^ word(BigInt(left.readUInt32LE(at)) * P1), 23n) * P2 + P3)
      at += 4
    }
    for (; at < left.length; at += 1) {
      hash = word(rotate(hash ^ word(BigInt(left.readUInt8(at)) * P5), 11n) * P1)
    }
    hash = word((hash ^ (hash >> 33n)) * P2)
    hash = word((hash ^ (hash >> 29n)) * P3)
    return hash ^ (hash >> 32n)
  }

  #merged(): bigint {
    const lanes = [...new BigUint64Array(this.#lanes.buffer)]
    const rotations = [1n, 7n, 12n, 18n]
    const sum = lanes.reduce((sum, lane, index) => sum + rotate(lane, rotations[index] as bigint), 0n)
    return lanes.reduce((hash, lane) => word((hash ^ round(0n, lane)) * P1 + P4), word(sum))
  }

  /** The inner loop: each lane is `rotate(lane + word * P2, 31) * P1`. Products are made of 16-bit digits. */
  #stripes(bytes: Uint8Array, from: number, to: number): void {
    const lanes = this.#lanes
    for (let lane = 0; lane < 4; lane += 1) {
      let low = lanes[lane * 2] as number
      let high = lanes[lane * 2 + 1] as number
      for (let at = from + lane * 8; at < to; at += STRIPE) {
        const l0 = (bytes[at] as number) | ((bytes[at + 1] as number) << 8)
        const l1 = (bytes[at + 2] as number) | ((bytes[at + 3] as number) << 8)
        const wordLow = l0 | (l1 << 16)
        const wordHigh =
          (bytes[at + 4] as number) |
          ((bytes[at + 5] as number) << 8) |
          ((bytes[at + 6] as number) << 16) |
          ((bytes[at + 7] as number) << 24)
        // Times P2: its lower half is 0x27d4eb4f, its upper one 0xc2b2ae3d.
        let sum = (low >>> 0) + (Math.imul(wordLow, 0x27d4eb4f) >>> 0)
        let middle = l1 * 0xeb4f + ((l0 * 0xeb4f) >>> 16)
        let other = l0 * 0x27d4 + (middle & 0xffff)
        high =
          high +
          l1 * 0x27d4 +
          (middle >>> 16) +
          (other >>> 16) +
          Math.imul(wordHigh, 0x27d4eb4f) +
          Math.imul(wordLow, 0xc2b2ae3d) +
          (sum > 0xffffffff ? 1 : 0)
        high |= 0
        low = sum | 0
        const rotated = (low << 31) | (high >>> 1)
        high = (high << 31) | (low >>> 1)
        low = rotated
        // Times P1: its lower half is 0x85ebca87, its upper one 0x9e3779b1.
        const r0 = low & 0xffff
        const r1 = low >>> 16
        middle = r1 * 0xca87 + ((r0 * 0xca87) >>> 16)
        other = r0 * 0x85eb + (middle & 0xffff)
        sum = r1 * 0x85eb + (middle >>> 16) + (other >>> 16)
        high = (sum + Math.imul(high, 0x85ebca87) + Math.imul(low, 0x9e3779b1)) | 0
        low = Math.imul(low, 0x85ebca87)
      }
      lanes[lane * 2] = low
      lanes[lane * 2 + 1] = high
    }
  }
}

function word(number: bigint): bigint {
  return BigInt.asUintN(64, number)
}

function rotate(number: bigint, by: bigint): bigint {
  return word(number << by) | (number >> (64n - by))
}

function round(lane: bigint, number: bigint): bigint {
  return word(rotate(word(lane + number * P2), 31n) * P1)
}
