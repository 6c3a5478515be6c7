import type { ByteReader } from '../byte-reader.js'
import { Corruption } from './corruption.js'

/**
 * The structure of zstd files (RFC 8878): frames, each with a header, blocks, and usually a checksum. Parsing is cheap, because
 * blocks state their sizes. It finds truncated files, which Node.js does not always notice; the next frame, at which Node.js
 * stops; and how much text a block can contain at most.
 */

/** The most bytes of text in one block. */
const LARGEST_BLOCK = 128 * 1024

export interface FrameHeader {
  /** As they are in the file. */
  readonly bytes: Uint8Array
  /** How far back a frame refers: the bytes that must be kept. */
  readonly window: number
  readonly checksummed: boolean
  readonly needsDictionary: boolean
}

export interface Block {
  /** Including its header. */
  readonly bytes: Uint8Array
  readonly last: boolean
}

const MAGIC = 0xfd2fb528
const SKIPPABLE = 0x184d2a50
const SINGLE_SEGMENT = 0x20
const CHECKSUM = 0x04
const RESERVED = 0x08

/**
 * The next frame's header, after skippable frames; undefined at the end.
 * @throws Corruption
 */
export async function nextFrame(reader: ByteReader): Promise<FrameHeader | undefined> {
  while (!(await reader.isAtEnd())) {
    const magic = await reader.take(4)
    const number = view(magic).getUint32(0, true)
    if (number === MAGIC) return frameHeader(magic, reader)
    if ((number & ~0xf) !== SKIPPABLE) throw new Corruption('data that is not zstd follows')
    await reader.pass(view(await reader.take(4)).getUint32(0, true))
  }
  return undefined
}

async function frameHeader(magic: Uint8Array, reader: ByteReader): Promise<FrameHeader> {
  const first = await reader.take(1)
  const descriptor = first[0] as number
  if (descriptor & RESERVED) throw new Corruption('a frame of an unknown kind')
  const single = (descriptor & SINGLE_SEGMENT) !== 0
  const idLength = [0, 1, 2, 4][descriptor & 3] as number
  const sizeLength = [single ? 1 : 0, 2, 4, 8][descriptor >> 6] as number
  const windowLength = single ? 0 : 1
  const rest = await reader.take(windowLength + idLength + sizeLength)
  const size = rest.subarray(windowLength + idLength)
  return {
    bytes: Buffer.concat([magic, first, rest]),
    window: single ? littleEndian(size) + (sizeLength === 2 ? 256 : 0) : windowOf(rest[0] as number),
    checksummed: (descriptor & CHECKSUM) !== 0,
    needsDictionary: littleEndian(rest.subarray(windowLength, windowLength + idLength)) !== 0,
  }
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3))
  return base + (base / 8) * (descriptor & 7)
}

function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((number, byte) => number * 256 + byte, 0)
}

/**
 * The blocks after a header, up to the last one.
 * @throws Corruption
 */
export async function* blocks(reader: ByteReader): AsyncGenerator<Block> {
  for (let last = false; !last; ) {
    const header = await reader.take(3)
    const number = littleEndian(header)
    last = (number & 1) !== 0
    const kind = (number >> 1) & 3
    const size = number >> 3
    if (kind === 3 || size > LARGEST_BLOCK) throw new Corruption('a block of an unknown kind')
    // A run-length block contains just its byte.
    const content = await reader.take(kind === 1 ? 1 : size)
    yield { bytes: Buffer.concat([header, content]), last }
  }
}

/** A copy without the checksum flag. */
export function withoutChecksum({ bytes }: FrameHeader): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy[4] = (copy[4] as number) & ~CHECKSUM
  return copy
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}
