// The CSV file as a series of byte chunks.
import { makeDescriptionWriter } from './descriptions.mjs'
import { makeNameWriter } from './people.mjs'
import { makePlan } from './plan.mjs'
import { keyFor, permutation } from './random.mjs'
import { makeSkuWriter } from './skus.mjs'

const HEADER = 'name,sku,description'
const CR = 0x0d
const LF = 0x0a
const COMMA = 0x2c

const CHUNK_BYTES = 256 * 1024
/** No record is longer than this: 31 words of 10 letters, and a name and sku of less than 50 each. */
const RECORD_BYTES = 1024

/**
 * @typedef {object} Options
 * @property {number} records how many records the whole file has: 1 to MAX_RECORDS
 * @property {number} seed 32 bits
 * @property {number} first how many of them to make, from the first one
 * @property {number} changed how many percent of the whole file's records get another description
 */

/**
 * A chunk is valid until the chunk after the next one is requested: two buffers are used in turn, so that one can
 * be written while the other is filled.
 * @param {Options} options
 */
export function* productChunks({ records, seed, first, changed }) {
  const plan = makePlan(records, seed)
  const writeName = makeNameWriter(plan.names, seed)
  const writeSku = makeSkuWriter(plan.skus, seed)
  const writeDescription = makeDescriptionWriter(seed)
  const changedCount = Math.round((records * changed) / 100)
  const changeOrder = permutation(records, keyFor(seed, 'changes'))

  let out = Buffer.allocUnsafe(CHUNK_BYTES)
  let spare = Buffer.allocUnsafe(CHUNK_BYTES)
  let at = out.write(HEADER, 'latin1')

  for (let record = 0; record < first; record++) {
    if (at > CHUNK_BYTES - RECORD_BYTES) {
      yield out.subarray(0, at)
      const filled = out
      out = spare
      spare = filled
      at = 0
    }
    const slot = plan.slotOf(record)
    // The line end goes before the record: the last one has none after it.
    out[at++] = CR
    out[at++] = LF
    at = writeName(plan.nameOf(slot), out, at)
    out[at++] = COMMA
    at = writeSku(plan.skuOf(slot), out, at)
    out[at++] = COMMA
    at = writeDescription(record, changedCount > 0 && changeOrder(record) < changedCount, out, at)
  }
  yield out.subarray(0, at)
}
