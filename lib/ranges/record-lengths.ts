/** Bytes of a block. Blocks are never copied to grow, which would leave twice the memory as garbage. */
const BLOCK = 16 * 1024

/** Bytes that 32 bits take. */
const LONGEST = 5

/**
 * The lengths of many records, in bytes, in their order: a byte for each, or more for a long one (LEB128: seven bits a byte, the
 * lowest first). A block ends where a longest length may have no room any more.
 */
export class RecordLengths {
  #block = new Uint8Array(BLOCK)
  #end = 0
  readonly #blocks = [this.#block]

  add(length: number): void {
    if (this.#end + LONGEST > BLOCK) {
      this.#block = new Uint8Array(BLOCK)
      this.#end = 0
      this.#blocks.push(this.#block)
    }
    let rest = length
    for (; rest >= 128; rest >>>= 7) this.#block[this.#end++] = (rest & 0x7f) | 0x80
    this.#block[this.#end++] = rest
  }

  /** @returns a function that returns the next length each time */
  reader(): () => number {
    const rest = this.#blocks.values()
    let block = new Uint8Array(0)
    let at = BLOCK
    return () => {
      if (at + LONGEST > BLOCK) {
        block = rest.next().value as Uint8Array<ArrayBuffer>
        at = 0
      }
      let length = 0
      for (let shift = 0; ; shift += 7) {
        const part = block[at++] as number
        length |= (part & 0x7f) << shift
        if (part < 128) return length
      }
    }
  }
}
