import * as zlib from 'node:zlib'
import { DasyError } from '../../base/errors.js'
import { ByteReader } from '../byte-reader.js'
import { Corruption } from './corruption.js'
import { CHUNK_SIZE, type Engine, Inflation } from './inflation.js'
import { blocks, type FrameHeader, nextFrame, withoutChecksum } from './zstd-frame.js'

/** Bytes: the default limit of `zstd` itself, enough for `--ultra -22`. */
const LARGEST_WINDOW = 128 * 1024 * 1024

// In Node.js from 22.15 on; the types of Node.js 20 lack it.
const { createZstdDecompress } = zlib as unknown as {
  createZstdDecompress?: (options: zlib.ZlibOptions) => Engine
}

/** A zstd file: one frame or several in a row, without the skippable ones. */
export class Unzstd {
  readonly #compressed: AsyncIterator<Uint8Array>
  readonly #reader: ByteReader
  readonly #name: string

  constructor(compressed: AsyncIterable<Uint8Array>, name: string) {
    this.#compressed = compressed[Symbol.asyncIterator]()
    this.#reader = new ByteReader(this.#compressed)
    this.#name = name
  }

  get compressedBytes(): number {
    return this.#reader.taken
  }

  /** @throws Corruption; DasyError UNSUPPORTED_FORMAT */
  async *text(): AsyncGenerator<Uint8Array> {
    try {
      for (let header = await nextFrame(this.#reader); header; header = await nextFrame(this.#reader)) {
        this.#checkDemands(header)
        if (createZstdDecompress) yield* this.#byNode(header, createZstdDecompress)
        else yield* this.#byScript(header)
      }
    } finally {
      await this.#compressed.return?.()
    }
  }

  /** A new engine for each frame, because Node.js's stops after one. */
  async *#byNode(header: FrameHeader, create: typeof createZstdDecompress & {}): AsyncGenerator<Uint8Array> {
    const pieces = this.#pieces(header)
    try {
      yield* new Inflation(create({ chunkSize: CHUNK_SIZE }), pieces).text()
    } finally {
      await pieces.return(undefined)
    }
  }

  async *#pieces(header: FrameHeader): AsyncGenerator<Uint8Array> {
    yield header.bytes
    for await (const { bytes } of blocks(this.#reader)) yield bytes
    if (header.checksummed) yield await this.#reader.take(4)
  }

  /** Block by block, so that at most one is decompressed before it is consumed. */
  async *#byScript(header: FrameHeader): AsyncGenerator<Uint8Array> {
    const [{ Decompress }, { default: xxhash }] = await Promise.all([import('fzstd'), import('xxhash-wasm')])
    const { create64 } = await xxhash()
    const made: Uint8Array[] = []
    const decompress = new Decompress((text) => made.push(text))
    const digest = create64()
    // fzstd waits for a checksum and does not compare it, so the header that it gets announces none.
    decompress.push(withoutChecksum(header))
    for await (const { bytes, last } of blocks(this.#reader)) {
      try {
        decompress.push(bytes, last)
      } catch (error) {
        throw new Corruption((error as Error).message, { cause: error })
      }
      for (const text of made.splice(0)) {
        if (header.checksummed) digest.update(text)
        yield text
      }
    }
    if (header.checksummed) checkSum(await this.#reader.take(4), digest.digest())
  }

  #checkDemands({ window, needsDictionary }: FrameHeader): void {
    if (!needsDictionary && window <= LARGEST_WINDOW) return
    const name = this.#name
    const [why, flag] = needsDictionary
      ? ['needs the dictionary that it was compressed with', '-D DICTIONARY']
      : [`needs ${window} bytes of memory to be decompressed`, '--long=31']
    throw new DasyError('UNSUPPORTED_FORMAT', `${name} ${why}`, {
      hint: `zstd -dc ${flag} ${name} | dasy ingest -`,
      details: { file: name, format: 'zstd' },
    })
  }
}

/**
 * @param stated the four bytes after a frame: the lower half of the text's XXH64
 * @throws Corruption
 */
function checkSum(stated: Uint8Array, digest: bigint): void {
  const expected = Buffer.from(stated).readUInt32LE()
  if (BigInt.asUintN(32, digest) !== BigInt(expected)) throw new Corruption('its checksum is wrong')
}
