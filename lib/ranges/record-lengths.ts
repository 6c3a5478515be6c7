/**
 * The lengths of many records, in bytes, in their order: a byte for each, or more for a long one (LEB128: seven bits a byte, the
 * lowest first).
 */
export class RecordLengths {
  #bytes = new Uint8Array(4096)
  #end = 0

  add(length: number): void {
    // 32 bits take five bytes.
    if (this.#end + 5 > this.#bytes.length) {
      const longer = new Uint8Array(2 * this.#bytes.length)
      longer.set(this.#bytes)
      this.#bytes = longer
    }
    let rest = length
    for (; rest >= 128; rest >>>= 7) this.#bytes[this.#end++] = (rest & 0x7f) | 0x80
    this.#bytes[this.#end++] = rest
  }

  /** @returns a function that returns the next length each time */
  reader(): () => number {
    const bytes = this.#bytes
    let at = 0
    return () => {
      let length = 0
      for (let shift = 0; ; shift += 7) {
        const part = bytes[at++] as number
        length |= (part & 0x7f) << shift
        if (part < 128) return length
      }
    }
  }
}
