import { KeyList, MOST_KEYS } from './key-list.js'
import { KeyPartitions, PARTITIONS } from './key-partitions.js'

/**
 * The keys of many records: listed in memory, and partitioned into a temporary file when memory is full. Equal keys are in
 * the same partition, so each one is compared for itself ("hash partitioning": Kitsuregawa, Tanaka, Moto-oka, Application of
 * Hash to Data Base Machine and Its Architecture, 1983).
 */
export class KeyStore {
  readonly list = new KeyList()
  #partitions: KeyPartitions | undefined

  /** Whether so many records probably have room. Partitions differ in size, so there is a rest. */
  static canHold(records: number): boolean {
    return records <= 0.9 * PARTITIONS * MOST_KEYS
  }

  /**
   * Makes room in the list for one more key of at most so many bytes.
   * @returns false if a partition would be too large for memory
   * @throws DasyError TEMPORARY_FILE_FAILED
   */
  makeRoom(bytes: number): boolean {
    return this.list.makeRoom(1, bytes) || this.#spill()
  }

  /** @param times how many times as many keys there will probably be */
  expect(times: number): void {
    this.list.expect(times)
  }

  /**
   * Nothing is added any more.
   * @returns false if a partition would be too large for memory
   * @throws DasyError TEMPORARY_FILE_FAILED
   */
  finish(): boolean {
    return this.#partitions === undefined || this.#spill()
  }

  /**
   * The records that lose to another one with the same key, in lists.
   * @param lastWins whether the last record of a key wins, not the first
   * @param out the records that do not count
   * @throws DasyError TEMPORARY_FILE_FAILED
   */
  *losers(lastWins: boolean, out: ReadonlySet<number>): Generator<number[]> {
    const { list } = this
    if (!this.#partitions) {
      yield list.losers(lastWins, out)
      return
    }
    try {
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        this.#partitions.read(partition, list)
        yield list.losers(lastWins, out)
      }
    } finally {
      list.clear()
    }
  }

  /** Closes the file, if there is one. */
  close(): void {
    this.#partitions?.close()
    this.#partitions = undefined
  }

  #spill(): boolean {
    this.#partitions ??= new KeyPartitions()
    if (!this.#partitions.add(this.list)) return false
    this.list.clear()
    return true
  }
}
